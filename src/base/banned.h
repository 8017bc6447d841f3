/* SPDX-License-Identifier: Apache-2.0 */
/*
 * banned.h - C library calls that this program does not make
 *
 * The build includes this header in front of every file (-include), so a banned call is a compile error where
 * it is written, with the replacement in the message. Each call is declared here a second time, as
 * deprecated; the system's own declaration adds to that and does not take it away. Nothing is included, so
 * nothing leaks into the file that follows.
 *
 * The second half is about production code: tests define CORDON_TEST and may run a shell, scan a line, or
 * leave a descriptor open to see whether it is noticed. What a declaration cannot see (a missing O_CLOEXEC,
 * exit() outside main) is looked for by tools/check-banned; alloca() and arrays of variable length are
 * warnings of their own.
 */
#pragma once

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wbuiltin-requires-header"
#endif

#define BANNED(advice) __attribute__((deprecated("banned here: " advice)))

struct _IO_FILE;
struct sockaddr;
struct tm;

/* No bound, or a bound that is easy to get wrong. */
char *strcpy(char *, const char *) BANNED("use struct buf, arena_copy() or snprintf()");
char *stpcpy(char *, const char *) BANNED("use struct buf, arena_copy() or snprintf()");
char *strcat(char *, const char *) BANNED("use struct buf or snprintf()");
char *strncpy(char *, const char *, __SIZE_TYPE__)
	BANNED("it may leave the NUL out; use snprintf() or memcpy()");
char *strncat(char *, const char *, __SIZE_TYPE__) BANNED("use struct buf or snprintf()");
int sprintf(char *, const char *, ...) BANNED("use snprintf() or struct buf");
int vsprintf(char *, const char *, __builtin_va_list) BANNED("use vsnprintf() or struct buf");
char *gets(char *) BANNED("it has no bound");

/* A name first, a file later: somebody else may come between. */
char *tmpnam(char *) BANNED("use O_TMPFILE or kern_mkdtemp()");
char *tempnam(const char *, const char *) BANNED("use O_TMPFILE or kern_mkdtemp()");
char *mktemp(char *) BANNED("use O_TMPFILE or kern_mkdtemp()");

#ifndef CORDON_TEST

/* Parsers that take what is not a number, or clamp, or are undefined on overflow. */
int atoi(const char *) BANNED("use str_to_u64()");
long atol(const char *) BANNED("use str_to_u64()");
long long atoll(const char *) BANNED("use str_to_u64()");
double atof(const char *) BANNED("no floating point from text");
int scanf(const char *, ...) BANNED("parse with struct str");
int sscanf(const char *, const char *, ...) BANNED("parse with struct str");
int fscanf(struct _IO_FILE *, const char *, ...) BANNED("parse with struct str");
char *strtok(char *, const char *) BANNED("it keeps its state in a global; use str_cut()");

/* Hidden static state. */
char *asctime(const struct tm *) BANNED("use time_to_text()");
char *ctime(const long *) BANNED("use time_to_text()");
struct tm *gmtime(const long *) BANNED("use time_to_text()");
struct tm *localtime(const long *) BANNED("use time_to_text()");
int rand(void) BANNED("use kern_random()");
void srand(unsigned) BANNED("use kern_random()");
long random(void) BANNED("use kern_random()");
void srandom(unsigned) BANNED("use kern_random()");
double drand48(void) BANNED("use kern_random()");

/* No shell is ever run. */
int system(const char *) BANNED("no shell is ever run");
struct _IO_FILE *popen(const char *, const char *) BANNED("no shell is ever run");

/* Descriptors that a child would inherit. */
int creat(const char *, unsigned) BANNED("use openat() with O_CLOEXEC");
int open(const char *, int, ...) BANNED("use openat() or openat2(), with O_CLOEXEC");
int dup(int) BANNED("use fcntl(F_DUPFD_CLOEXEC)");
int dup2(int, int) BANNED("use dup3()");
int pipe(int[2]) BANNED("use pipe2() with O_CLOEXEC");
int accept(int, struct sockaddr *restrict, unsigned *restrict) BANNED("use accept4() with SOCK_CLOEXEC");
int epoll_create(int) BANNED("use epoll_create1() with EPOLL_CLOEXEC");
int inotify_init(void) BANNED("use inotify_init1() with IN_CLOEXEC");
int mkstemp(char *) BANNED("use O_TMPFILE, or mkostemp() with O_CLOEXEC");
struct _IO_FILE *tmpfile(void) BANNED("use O_TMPFILE");
struct _IO_FILE *fopen(const char *restrict, const char *restrict) BANNED("use a descriptor, through kern");

/* Whose meaning hangs on what came before. */
void (*signal(int, void (*)(int)))(int) BANNED("use sigaction()");
char *realpath(const char *restrict, char *restrict) BANNED("resolve beneath a descriptor, with openat2()");

#endif

#ifdef __clang__
#pragma clang diagnostic pop
#endif
