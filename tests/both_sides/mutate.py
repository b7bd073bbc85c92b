"""Changes tables behind osem's back, with somebody else's client.

Arguments: the address of the simulator. `MUTATIONS`, which the test writes before this text, is a list
of [table, calls]: calls of one table are made one after the other, each as [method, request] and when
the service is done with the one before. Prints how many calls were made, as JSON.
"""

import concurrent.futures
import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

db = boto3.client(
    "dynamodb",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="osem",
    aws_secret_access_key="osem",
    config=Config(retries={"total_max_attempts": 20, "mode": "standard"}, max_pool_connections=16),
)
LONGEST = 30
NAMED_BY_ARN = ("tag_resource", "untag_resource", "put_resource_policy", "delete_resource_policy")


def described(name):
    try:
        return db.describe_table(TableName=name)["Table"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ResourceNotFoundException", error
        return None


def is_settled(table):
    """Nothing of it is changing."""
    indexes = table.get("GlobalSecondaryIndexes", [])
    floors = [table, *indexes]
    return (
        table["TableStatus"] == "ACTIVE"
        and all(index["IndexStatus"] == "ACTIVE" for index in indexes)
        and table.get("SSEDescription", {}).get("Status") != "UPDATING"
        and all(one.get("WarmThroughput", {}).get("Status") != "UPDATING" for one in floors)
    )


def settle(name):
    """The table once nothing of it is changing; None where it is not there."""
    deadline = time.monotonic() + LONGEST
    while (table := described(name)) is not None and not is_settled(table):
        assert time.monotonic() < deadline, f"{name} does not settle"
        time.sleep(0.01)
    return table


def patiently(call, request):
    """Some states are shown by nothing but the refusal."""
    deadline = time.monotonic() + LONGEST
    while True:
        try:
            return call(**request)
        except ClientError as error:
            busy = ("ResourceInUseException", "ContinuousBackupsUnavailableException")
            if error.response["Error"]["Code"] not in busy or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def mutate(mutation):
    name, calls = mutation
    for method, request in calls:
        table = settle(name)
        if method in NAMED_BY_ARN:
            request["ResourceArn"] = table["TableArn"]
        else:
            request["TableName"] = name
        patiently(getattr(db, method), request)
    settle(name)
    return len(calls)


with concurrent.futures.ThreadPoolExecutor(8) as pool:
    print(json.dumps(sum(pool.map(mutate, MUTATIONS))))
