/*
 * Preloaded into DynamoDB Local, which has no option for the address that it
 * listens on: binds to every interface become binds to 127.0.0.1, so that a
 * test run never opens a port to the network. All other binds pass unchanged.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* By system call, which needs no look-up of the function that this one hides. */
static int system_bind(int fd, const void *address, socklen_t length)
{
    return (int)syscall(SYS_bind, fd, address, length);
}

static int is_wildcard6(const struct in6_addr *address)
{
    static const struct in6_addr mapped_any = {
        .s6_addr = {[10] = 0xff, [11] = 0xff}};
    return IN6_IS_ADDR_UNSPECIFIED(address) ||
           memcmp(address, &mapped_any, sizeof mapped_any) == 0;
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
    if (address != NULL && length >= sizeof(struct sockaddr_in) &&
        address->sa_family == AF_INET) {
        struct sockaddr_in copy;
        memcpy(&copy, address, sizeof copy);
        if (copy.sin_addr.s_addr == htonl(INADDR_ANY))
            copy.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return system_bind(fd, &copy, sizeof copy);
    }
    if (address != NULL && length >= sizeof(struct sockaddr_in6) &&
        address->sa_family == AF_INET6) {
        struct sockaddr_in6 copy;
        memcpy(&copy, address, sizeof copy);
        /* ::ffff:127.0.0.1, so that IPv4 clients still reach a dual-stack
         * socket. An IPv6-only socket refuses it: better than an open port. */
        if (is_wildcard6(&copy.sin6_addr))
            inet_pton(AF_INET6, "::ffff:127.0.0.1", &copy.sin6_addr);
        return system_bind(fd, &copy, sizeof copy);
    }
    return system_bind(fd, address, length);
}
