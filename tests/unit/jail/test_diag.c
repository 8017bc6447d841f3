// SPDX-License-Identifier: Apache-2.0
/*
 * test_diag.c - whose a connection is, asked of this kernel about connections of our own
 */
#include "jail/diag.h"
#include "jail/holders.h"
#include "kern/file.h"
#include "lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static int bound(int type)
{
	struct sockaddr_in address = loopback(0);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);

	CHECK_INT(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

static struct jail_diag_pair pair_of(int fd, int server_fd, bool is_udp)
{
	struct jail_diag_pair pair = {
		.is_udp = is_udp, .len = 4, .port = port_of(fd), .server_port = port_of(server_fd),
	};
	uint32_t here = htonl(INADDR_LOOPBACK);

	memcpy(pair.address, &here, sizeof(here));
	memcpy(pair.server, &here, sizeof(here));
	return pair;
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	CHECK_INT(fstat(fd, &st), 0);
	return st.st_ino;
}

static int open_diag(void)
{
	int fd = jail_diag_open();

	CHECK(fd >= 0);
	return fd;
}

TEST(a_connection_has_the_number_of_the_programs_socket)
{
	int server = bound(SOCK_STREAM), client = bound(SOCK_STREAM), diag = open_diag();
	struct sockaddr_in address = loopback(port_of(server));
	struct jail_diag_pair pair, other;
	uint64_t inode = 0;

	CHECK_INT(listen(server, 1), 0);
	CHECK_INT(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	pair = other = pair_of(client, server, false);
	CHECK_INT(jail_diag_find(diag, 1, &pair, &inode), 0);
	CHECK_INT(inode, inode_of(client));
	/* Nobody has that one; and one that only listens at the port is not the program. */
	other.port++;
	CHECK(jail_diag_find(diag, 2, &other, &inode) < 0);
	other = (struct jail_diag_pair){ .len = 4, .port = port_of(server), .server_port = 1 };
	memcpy(other.address, pair.address, 4);
	memcpy(other.server, pair.server, 4);
	CHECK_INT(jail_diag_find(diag, 3, &other, &inode), -ENOENT);
	other.len = 0;
	CHECK_INT(jail_diag_find(diag, 4, &other, &inode), -ENOENT);
	close(client);
	CHECK(jail_diag_find(diag, 5, &pair, &inode) < 0);
	close(server);
	close(diag);
}

TEST(a_datagram_has_the_number_of_the_socket_that_an_answer_would_reach)
{
	int server = bound(SOCK_DGRAM), client = bound(SOCK_DGRAM), diag = open_diag();
	struct jail_diag_pair pair = pair_of(client, server, true);
	struct sockaddr_in address = loopback(port_of(server));
	uint64_t inode = 0;

	CHECK_INT(jail_diag_find(diag, 1, &pair, &inode), 0);
	CHECK_INT(inode, inode_of(client));
	CHECK_INT(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	inode = 0;
	CHECK_INT(jail_diag_find(diag, 2, &pair, &inode), 0);
	CHECK_INT(inode, inode_of(client));
	close(client);
	CHECK(jail_diag_find(diag, 3, &pair, &inode) < 0);
	close(server);
	close(diag);
}

/* What the whole machine's /proc shows is as good as a sandbox's, for who looks for a socket of ours. */
static struct jail_holders find_holders(int fd, uint64_t budget_ns)
{
	struct jail_processes view = { .proc_fd = kern_open(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0) };
	static struct jail_recent recent;
	struct jail_holders holders;

	CHECK_INT(jail_holders_find(&view, &recent, inode_of(fd), budget_ns, &holders), 0);
	jail_processes_fini(&view);
	return holders;
}

TEST(all_that_hold_a_socket_are_found_and_their_program_is_the_kernels_word)
{
	int fd = bound(SOCK_DGRAM), gate[2];
	char path[PATH_TEXT_MAX], own[PATH_TEXT_MAX], byte;
	struct jail_holders holders = find_holders(fd, UINT64_C(60000000000));
	ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);
	int program;
	pid_t child;

	CHECK_INT(holders.count, 1);
	CHECK_INT(holders.items[0].pid, getpid());
	program = jail_holder_program(&holders.items[0], path);
	CHECK(program >= 0 && len > 0);
	own[len] = '\0';
	CHECK_TEXT(path, own);
	close(program);
	jail_holders_fini(&holders);
	CHECK_INT(pipe(gate), 0);
	child = fork();
	if (!child) {
		close(gate[1]);
		_exit(read(gate[0], &byte, 1) != 0);
	}
	holders = find_holders(fd, UINT64_C(60000000000));
	CHECK_INT(holders.count, 2);
	close(gate[0]);
	close(gate[1]);
	CHECK_INT(waitpid(child, NULL, 0), child);
	/* Who has ended is nobody, and its number may be somebody else's by now. */
	for (size_t i = 0; i < holders.count; i++)
		if (holders.items[i].pid == child)
			CHECK(jail_holder_program(&holders.items[i], path) < 0);
	jail_holders_fini(&holders);
	close(fd);
}

TEST(a_search_that_is_late_says_so)
{
	struct jail_processes none = { .proc_fd = -1 };
	struct jail_recent nobody = { 0 };
	int fd = bound(SOCK_DGRAM);
	struct jail_holders holders = find_holders(fd, 0);

	CHECK(holders.is_partial && !holders.count);
	jail_holders_fini(&holders);
	CHECK_INT(jail_holders_find(&none, &nobody, 1, 1000, &holders), -ESRCH);
	close(fd);
}

TEST_MAIN()
