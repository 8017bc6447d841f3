/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.h - the intrusive, circular, doubly linked list
 *
 * A node is embedded in its object (CONTAINER_OF finds it back) and belongs to at most one list. An all-zero
 * node is "in no list"; list_remove() on it is legal and does nothing, so a _fini may always call it.
 */
#pragma once

#include "base/macro.h"

#include <stdbool.h>

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(head) { .next = &(head), .prev = &(head) }

static inline void list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool list_is_linked(const struct list *node)
{
	return node->next != NULL;
}

static inline bool list_is_empty(const struct list *head)
{
	return head->next == head;
}

/** list_append() - put @node last in @head */
static inline void list_append(struct list *head, struct list *node)
{
	assert(!list_is_linked(node));
	node->next = head;
	node->prev = head->prev;
	head->prev->next = node;
	head->prev = node;
}

/** list_remove() - take @node out of its list, if it is in one */
static inline void list_remove(struct list *node)
{
	if (!list_is_linked(node))
		return;
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->next = node->prev = NULL;
}

/* The object that embeds *@at as @member; NULL for the head, which nothing embeds. */
#define LIST_OBJECT(at, head, type, member) \
	({ struct list *at_ = (at); at_ == (head) ? NULL : CONTAINER_OF(at_, type, member); })

/* Walk in order; the current object may be removed (and freed) inside the body. */
#define LIST_FOR_EACH(pos, head, type, member) \
	for (type *pos = LIST_OBJECT((head)->next, head, type, member), *pos##_next; \
		pos && (pos##_next = LIST_OBJECT(pos->member.next, head, type, member), true); \
		pos = pos##_next)
