// SPDX-License-Identifier: Apache-2.0
/*
 * test_list.c - the intrusive list, and the descriptor that closes itself
 */
#include "base/fd.h"
#include "base/list.h"

#include "lib/test.h"

#include <fcntl.h>

struct item {
	int number;
	struct list node;
};

static int digits_of(struct list *head)
{
	int digits = 0;

	LIST_FOR_EACH(item, head, struct item, node)
		digits = digits * 10 + item->number;
	return digits;
}

TEST(items_stand_in_order)
{
	struct item items[3] = { { .number = 1 }, { .number = 2 }, { .number = 3 } };
	struct list head = LIST_INIT(head);

	CHECK(list_is_empty(&head));
	CHECK_INT(digits_of(&head), 0);
	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		list_append(&head, &items[i].node);
	CHECK(!list_is_empty(&head));
	CHECK_INT(digits_of(&head), 123);
	list_remove(&items[1].node);
	CHECK(!list_is_linked(&items[1].node));
	CHECK_INT(digits_of(&head), 13);
	list_append(&head, &items[1].node);
	CHECK_INT(digits_of(&head), 132);
}

TEST(removing_twice_or_from_nowhere_is_nothing)
{
	struct item item = { .number = 1 };
	struct list head;

	list_init(&head);
	list_remove(&item.node);
	list_append(&head, &item.node);
	list_remove(&item.node);
	list_remove(&item.node);
	CHECK(list_is_empty(&head));
}

TEST(the_current_item_may_leave_while_walking)
{
	struct item items[4] = { { .number = 1 }, { .number = 2 }, { .number = 3 }, { .number = 4 } };
	struct list head = LIST_INIT(head);
	int seen = 0;

	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		list_append(&head, &items[i].node);
	LIST_FOR_EACH(item, &head, struct item, node) {
		seen++;
		if (item->number % 2 == 0)
			list_remove(&item->node);
	}
	CHECK_INT(seen, 4);
	CHECK_INT(digits_of(&head), 13);
}

TEST(a_scoped_descriptor_is_closed_and_errno_kept)
{
	int number;

	{
		scoped(fd) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		CHECK(fd >= 0);
		number = fd;
	}
	CHECK(fcntl(number, F_GETFD) < 0 && errno == EBADF);
	errno = ENOENT;
	CHECK_INT(fd_close(number), -1);
	CHECK_INT(fd_close(-1), -1);
	CHECK_INT(errno, ENOENT);
}

TEST(a_taken_descriptor_stays_open)
{
	int taken;

	{
		scoped(fd) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		taken = TAKE_FD(fd);
		CHECK_INT(fd, -1);
	}
	CHECK(fcntl(taken, F_GETFD) >= 0);
	fd_close(taken);
}

TEST_MAIN()
