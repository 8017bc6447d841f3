// SPDX-License-Identifier: Apache-2.0
/*
 * sock.c - unix sockets that carry descriptors
 *
 * Paths are reached through /proc/self/fd/N/name, so that a long state directory does not meet the 108 bytes
 * of sockaddr_un.
 */
#include "kern/sock.h"

#include "base/fd.h"
#include "base/macro.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

int kern_sock_pair(int ret_fds[2])
{
	return kern_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret_fds);
}

static int fill_address(struct sockaddr_un *address, int dirfd, const char *name)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((size_t)snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s", dirfd,
			name) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	return 0;
}

int kern_sock_listen(int dirfd, const char *name)
{
	scoped(fd) int fd = kern_socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;
	int r = fill_address(&address, dirfd, name);

	if (fd < 0 || r < 0)
		return fd < 0 ? fd : r;
	(void)kern_unlinkat(dirfd, name, 0);
	r = kern_bind(fd, (const struct sockaddr *)&address, sizeof(address));
	if (r < 0)
		return r;
	r = kern_listen(fd, 16);
	if (r < 0)
		(void)kern_unlinkat(dirfd, name, 0);
	return r < 0 ? r : TAKE_FD(fd);
}

int kern_sock_connect(int dirfd, const char *name)
{
	scoped(fd) int fd = kern_socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;
	int r = fill_address(&address, dirfd, name);

	if (fd < 0 || r < 0)
		return fd < 0 ? fd : r;
	r = kern_connect(fd, (const struct sockaddr *)&address, sizeof(address));
	return r < 0 ? r : TAKE_FD(fd);
}

int kern_sock_send(int fd, const void *data, size_t len, const int *fds, size_t fd_count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * KERN_SOCK_FDS_MAX)] = { 0 };
	struct iovec part = { .iov_len = len };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	assert(fd_count <= KERN_SOCK_FDS_MAX);
	memcpy(&part.iov_base, &data, sizeof(data));
	if (fd_count) {
		struct cmsghdr *header;

		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(header), fds, sizeof(int) * fd_count);
	}
	n = kern_sendmsg(fd, &message, MSG_NOSIGNAL);
	return n < 0 ? (int)n : 0;
}

static size_t take_fds(struct msghdr *message, int ret_fds[KERN_SOCK_FDS_MAX])
{
	size_t count = 0;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
		size_t here;

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		assert(count + here <= KERN_SOCK_FDS_MAX);
		memcpy(ret_fds + count, CMSG_DATA(header), here * sizeof(int));
		count += here;
	}
	return count;
}

ssize_t kern_sock_recv(int fd, void *ret, size_t size, int ret_fds[KERN_SOCK_FDS_MAX], size_t *ret_fd_count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * KERN_SOCK_FDS_MAX)];
	struct iovec part = { .iov_base = ret, .iov_len = size };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t n;

	n = kern_recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	*ret_fd_count = 0;
	if (n < 0)
		return n;
	*ret_fd_count = take_fds(&message, ret_fds);
	if (!(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return n;
	while (*ret_fd_count)
		fd_close(ret_fds[--*ret_fd_count]);
	return -EMSGSIZE;
}

int kern_sock_peer(int fd, struct ucred *ret)
{
	socklen_t len = sizeof(*ret);

	return kern_getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret, &len);
}

static int look(int fd)
{
	struct pollfd look = { .fd = fd, .events = POLLRDHUP };
	const struct timespec now = { 0 };
	int r;

	/* a signal that is pending interrupts even what does not wait */
	do
		r = kern_ppoll(&look, 1, &now);
	while (r == -EINTR);
	return r > 0 ? look.revents : 0;
}

bool kern_sock_is_left(int fd)
{
	return look(fd) & (POLLRDHUP | POLLHUP | POLLERR);
}

bool kern_sock_only_hears(int fd)
{
	return (look(fd) & (POLLRDHUP | POLLHUP | POLLERR)) == POLLRDHUP;
}
