"""Walks DynamoDB's control plane with boto3 and holds each refusal to the service's words.

Arguments: the address of the simulator, its time scale. Prints one JSON list: what was refused, in
order, as [operation, code, message]; a refusal that is missing or worded otherwise ends the script.
"""

import json
import re
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL, SCALE = sys.argv[1], float(sys.argv[2])
PLACE = {
    "endpoint_url": URL,
    "region_name": "us-east-1",
    "aws_access_key_id": "osem",
    "aws_secret_access_key": "osem",
    "config": Config(retries={"total_max_attempts": 1}, read_timeout=10),
}
db = boto3.client("dynamodb", **PLACE)
IN_USE = "Attempt to change a resource which is still in use: "
LIMIT = "Subscriber limit exceeded: "
TIMESTAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
seen = []


def refused(operation, code, message, **request):
    """The call must fail so; `message` is a regular expression for the whole text."""
    try:
        getattr(db, operation)(**request)
    except ClientError as error:
        said = error.response["Error"]
        assert said["Code"] == code, f"{operation}: {said}"
        assert re.fullmatch(message, said["Message"]), f"{operation}: {said} is not {message}"
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, error.response
        assert error.response["ResponseMetadata"]["RequestId"], error.response
        seen.append([operation, said["Code"], said["Message"]])
        return said["Message"]
    raise AssertionError(f"{operation} is not refused: {code}: {message}")


def text(plain):
    return re.escape(plain)


def table(name):
    return db.describe_table(TableName=name)["Table"]


def until(what, longest, check):
    """Polls until `check` holds; `longest` is in seconds of the service's time."""
    deadline = time.monotonic() + longest / SCALE + 5
    while not check():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.01)


def until_active(name, longest):
    until(f"{name} is ACTIVE", longest, lambda: table(name)["TableStatus"] == "ACTIVE")


def index(name):
    keys = [{"AttributeName": name, "KeyType": "HASH"}]
    return {"IndexName": f"by-{name}", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}


def attributes(*names):
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def create(name, **settings):
    keys = [{"AttributeName": "id", "KeyType": "HASH"}]
    settings.setdefault("AttributeDefinitions", attributes("id"))
    settings.setdefault("BillingMode", "PAY_PER_REQUEST")
    return db.create_table(TableName=name, KeySchema=keys, **settings)["TableDescription"]


def add(name, of):
    update = [{"Create": index(of)}]
    return {"TableName": name, "AttributeDefinitions": attributes(of), "GlobalSecondaryIndexUpdates": update}


def drop(name, of):
    return {"TableName": name, "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": f"by-{of}"}}]}


# Who answers.
identity = boto3.client("sts", **PLACE).get_caller_identity()
assert identity["Account"] == "111122223333", identity

# Create with indexes: all of it is CREATING for 14 to 22 s, and has no items meanwhile.
started = time.monotonic()
made = create(
    "Orders",
    AttributeDefinitions=attributes("id", "customer", "status"),
    GlobalSecondaryIndexes=[index("customer"), index("status")],
    Tags=[{"Key": "Stage", "Value": "dev"}],
)
arn = made["TableArn"]
assert arn == "arn:aws:dynamodb:us-east-1:111122223333:table/Orders", arn
assert made["TableStatus"] == "CREATING", made
refused("create_table", "ResourceInUseException", "Table already exists: Orders",
        TableName="Orders", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=attributes("id"),
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
refused("delete_table", "ResourceInUseException", text(IN_USE + "Table is being created: Orders"),
        TableName="Orders")
refused("update_time_to_live", "ResourceInUseException",
        text(IN_USE + "Table Orders is being created"), TableName="Orders",
        TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True})
refused("describe_time_to_live", "ValidationException",
        "Cannot describe time to live while table is in CREATING state", TableName="Orders")
refused("list_tags_of_resource", "ResourceNotFoundException",
        text(f"Requested resource not found: ResourceArn: {arn} not found"), ResourceArn=arn)
refused("put_item", "ResourceNotFoundException", "Requested resource not found",
        TableName="Orders", Item={"id": {"S": "1"}})
statuses = {i["IndexStatus"] for i in table("Orders")["GlobalSecondaryIndexes"]}
assert statuses == {"CREATING"}, statuses
until_active("Orders", 22)
took = (time.monotonic() - started) * SCALE
assert took >= 14, took
statuses = {i["IndexStatus"] for i in table("Orders")["GlobalSecondaryIndexes"]}
assert statuses == {"ACTIVE"}, statuses

# PITR too early: for 1.4 to 2.7 s after ACTIVE.
recovery = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 14}
refused("update_continuous_backups", "ContinuousBackupsUnavailableException",
        text("Backups are being enabled for the table: Orders. Please retry later"),
        TableName="Orders", PointInTimeRecoverySpecification=recovery)
time.sleep(2.7 / SCALE)
shown = db.update_continuous_backups(TableName="Orders", PointInTimeRecoverySpecification=recovery)
shown = shown["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
assert (shown["PointInTimeRecoveryStatus"], shown["RecoveryPeriodInDays"]) == ("ENABLED", 14), shown
refused("update_continuous_backups", "TableNotFoundException", "Table not found: Nothing",
        TableName="Nothing", PointInTimeRecoverySpecification=recovery)

# Items are the engine's.
db.put_item(TableName="Orders", Item={"id": {"S": "1"}, "customer": {"S": "c"}})
found = db.query(TableName="Orders", IndexName="by-customer", KeyConditionExpression="customer = :c",
                 ExpressionAttributeValues={":c": {"S": "c"}})
assert found["Count"] == 1, found

# The tag lock, and the old set until the new one is visible.
db.tag_resource(ResourceArn=arn, Tags=[{"Key": "Stage", "Value": "prod"}])
refused("untag_resource", "LimitExceededException",
        text(LIMIT + "Table tags are being updated: Orders"), ResourceArn=arn, TagKeys=["Stage"])
refused("delete_table", "ResourceInUseException",
        text(IN_USE + "Table tags are being updated: Orders"), TableName="Orders")
time.sleep(3.0 / SCALE)
tags = db.list_tags_of_resource(ResourceArn=arn)["Tags"]
assert tags == [{"Key": "Stage", "Value": "prod"}], tags

# Two index adds: the second is refused, and so is deleting the table.
db.update_table(**add("Orders", "region"))
one_online = text(LIMIT + "Only 1 online index can be created or deleted simultaneously per table")
refused("update_table", "LimitExceededException", one_online, **add("Orders", "city"))
refused("delete_table", "ResourceInUseException",
        text(IN_USE + "Cannot delete table while indexes are being created, updated, or deleted."),
        TableName="Orders")
refused("update_table", "ResourceInUseException",
        text(IN_USE + "Index creation is in resource allocation phase. Retry deletion during "
             "backfilling phase or when the index is active. Table: Orders Index: by-region"),
        **drop("Orders", "region"))


def region_index():
    return next(i for i in table("Orders")["GlobalSecondaryIndexes"] if i["IndexName"] == "by-region")


assert (table("Orders")["TableStatus"], region_index()["Backfilling"]) == ("UPDATING", False)
until("the index is being filled", 56, lambda: region_index().get("Backfilling"))
assert table("Orders")["TableStatus"] == "ACTIVE"
refused("update_table", "LimitExceededException", one_online, **add("Orders", "city"))
refused("query", "ValidationException",
        "Cannot read from backfilling global secondary index: by-region", TableName="Orders",
        IndexName="by-region", KeyConditionExpression="#r = :r",
        ExpressionAttributeNames={"#r": "region"}, ExpressionAttributeValues={":r": {"S": "x"}})

# Deletion protection twice: 15 s apart, and the text names the moment.
create("Users")
until_active("Users", 6)
db.update_table(TableName="Users", DeletionProtectionEnabled=True)
said = refused("update_table", "ThrottlingException",
               "Deletion protection setting for table Users modified within the previous 15000 "
               f"milliseconds\\. Please try again after {TIMESTAMP}",
               TableName="Users", DeletionProtectionEnabled=False)
refused("delete_table", "ValidationException",
        text("Resource cannot be deleted as it is currently protected against deletion. Disable "
             "deletion protection first."), TableName="Users")
moment = time.strptime(re.search(TIMESTAMP, said)[0][:19], "%Y-%m-%dT%H:%M:%S")
assert abs(time.mktime(moment) - time.mktime(time.gmtime())) <= 15 / SCALE + 2, said
time.sleep(15 / SCALE)
db.update_table(TableName="Users", DeletionProtectionEnabled=False)

# Time to live twice: half an hour apart.
live = {"AttributeName": "expires", "Enabled": True}
db.update_time_to_live(TableName="Users", TimeToLiveSpecification=live)
refused("update_time_to_live", "ValidationException", "TimeToLive is already enabled",
        TableName="Users", TimeToLiveSpecification=live)
refused("update_time_to_live", "ValidationException",
        "Time to live has been modified multiple times within a fixed interval",
        TableName="Users", TimeToLiveSpecification={**live, "Enabled": False})
status = db.describe_time_to_live(TableName="Users")["TimeToLiveDescription"]
assert status == {"AttributeName": "expires", "TimeToLiveStatus": "ENABLED"}, status

# The billing flip takes a minute, shows the old mode meanwhile, and holds up what it touches.
units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
flip = {"TableName": "Users", "BillingMode": "PROVISIONED", "ProvisionedThroughput": units}
echoed = db.update_table(**flip)["TableDescription"]
assert echoed["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST", echoed
started = time.monotonic()
refused("update_table", "ResourceInUseException",
        text(IN_USE + "Table IOPS are currently being updated. Table: Users"),
        TableName="Users", ProvisionedThroughput={**units, "ReadCapacityUnits": 6})
refused("update_table", "ResourceInUseException",
        text(IN_USE + "Can't enable or disable stream while table IOPS are being updated"),
        TableName="Users",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
until_active("Users", 98)
assert (time.monotonic() - started) * SCALE >= 60, "a flip takes a minute"
assert table("Users")["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
refused("update_table", "ValidationException",
        r"The provisioned throughput for the table will not change\. .*", **flip)

# One change a call.
refused("update_table", "ValidationException", ".* must be the only operation in the request",
        TableName="Users", TableClass="STANDARD_INFREQUENT_ACCESS", DeletionProtectionEnabled=True)

# The encryption budget: four changes in 24 hours. Each settles for 22 s while the table is ACTIVE.
create("Keys")
until_active("Keys", 6)


def key(number):
    return {"Enabled": True, "SSEType": "KMS",
            "KMSMasterKeyId": f"arn:aws:kms:us-east-1:111122223333:key/{number}"}


for number in range(4):
    db.update_table(TableName="Keys", SSESpecification=key(number))
    if number == 0:
        refused("update_table", "ResourceInUseException",
                text(IN_USE + "Server-Side Encryption is still being updated"),
                TableName="Keys", SSESpecification=key(9))
        refused("delete_table", "ResourceInUseException",
                text(IN_USE + "Server-Side Encryption is still being updated"), TableName="Keys")
    assert table("Keys")["TableStatus"] == "ACTIVE"
    until("encryption is settled", 23,
          lambda: table("Keys")["SSEDescription"]["Status"] == "ENABLED")
refused("update_table", "LimitExceededException",
        text(LIMIT + "Encryption mode changes are limited in the 24h window ending at ")
        + TIMESTAMP + r"\. After the first 4 change, .* once every 21600 seconds\. .*"
        + f"Next changes can be made at {TIMESTAMP}" + r"\.",
        TableName="Keys", SSESpecification=key(4))
refused("update_table", "ValidationException",
        "Table is already encrypted with given KMSMasterKeyId",
        TableName="Keys", SSESpecification=key(3))

# The class budget: two changes in 30 days.
for table_class in ["STANDARD_INFREQUENT_ACCESS", "STANDARD"]:
    db.update_table(TableName="Keys", TableClass=table_class)
    until_active("Keys", 6)
refused("update_table", "LimitExceededException",
        text(LIMIT + "Updates to TableClass are limited to 2 times in 30 day(s)."),
        TableName="Keys", TableClass="STANDARD_INFREQUENT_ACCESS")

# Resource policies: 15 s apart.
policy = {"ResourceArn": table("Keys")["TableArn"],
          "Policy": json.dumps({"Version": "2012-10-17", "Statement": []})}
db.put_resource_policy(**policy)
refused("put_resource_policy", "ThrottlingException",
        "Resource-based policy for table Keys modified within the previous 15000 milliseconds\\. "
        f"Please try again after {TIMESTAMP}\\.", **policy)

# The rest of the index: ACTIVE at last, and then there is room for another.
until("the index is ACTIVE", 539, lambda: region_index()["IndexStatus"] == "ACTIVE")
assert "Backfilling" not in region_index()
refused("update_table", "ValidationException",
        "Attempting to create an index which already exists", **add("Orders", "region"))
db.update_table(**drop("Orders", "region"))
until("the index is gone", 6, lambda: len(table("Orders")["GlobalSecondaryIndexes"]) == 2)

# Delete: DELETING for 4 to 6 s, then the name is free.
db.delete_table(TableName="Keys")
assert table("Keys")["TableStatus"] == "DELETING"
refused("delete_table", "ResourceInUseException", text(IN_USE + "Table is being deleted: Keys"),
        TableName="Keys")
refused("create_table", "ResourceInUseException", "Table already exists: Keys", TableName="Keys",
        BillingMode="PAY_PER_REQUEST", AttributeDefinitions=attributes("id"),
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
until("the table is gone", 6, lambda: "Keys" not in db.list_tables()["TableNames"])
refused("describe_table", "ResourceNotFoundException",
        text("Requested resource not found: Table: Keys not found"), TableName="Keys")

print(json.dumps(seen))
