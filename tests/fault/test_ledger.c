// SPDX-License-Identifier: Apache-2.0
/*
 * test_ledger.c - a ledger while the kernel refuses one call after the other
 *
 * A ledger is begun, takes four records and is closed, with each of the calls refused in turn by EIO and by
 * ENOSPC. What was promised has to hold at every one of them: a record that was acknowledged is there, one
 * that was refused makes the ledger refuse what follows, and the ledger can be continued afterwards, or says
 * that there is none.
 */
#include "unit/ledger/fixture.h"

#include "base/fd.h"
#include "lib/kern_fault.h"

enum {
	RECORDS_COUNT = 4,
};

static const int errors[] = { -EIO, -ENOSPC };

/* Returns how many records were acknowledged, the first included. */
static int write_records(struct fixture *fix)
{
	struct ledger_place place = fixture_place(fix);
	struct ledger ledger = LEDGER_INIT;
	int acknowledged = 0;

	if (ledger_create(&ledger, &place, &fix->err) >= 0 &&
			ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(fix), 0,
				&fix->err) >= 0) {
		acknowledged++;
		for (int i = 1; i < RECORDS_COUNT; i++) {
			int r = ledger_append(&ledger, LEDGER_PLAN, plan_fields(fix, i),
				i % 2 ? LEDGER_SYNC : 0, &fix->err);

			if (r < 0) {
				CHECK(fix->err.text[0]);
				CHECK(ledger_append(&ledger, LEDGER_PLAN, plan_fields(fix, i), 0, NULL) < 0);
				break;
			}
			acknowledged++;
		}
	}
	(void)ledger_close(&ledger, NULL);
	ledger_fini(&ledger);
	return acknowledged;
}

static void check_afterwards(struct fixture *fix, int acknowledged)
{
	struct ledger_place place = fixture_place(fix);
	struct ledger ledger = LEDGER_INIT;
	char *text;
	int r;

	r = ledger_open(&ledger, &place, 0, &fix->err);
	if (r < 0) {
		CHECK(r == -ENOENT || r == -ENODATA);
		CHECK_INT(acknowledged, 0);
		ledger_fini(&ledger);
		return;
	}
	OK(fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(fix, 9), 0, &fix->err));
	OK(fix, ledger_close(&ledger, &fix->err));
	text = slurp("sessions/k3f9/ledger.jsonl", NULL);
	CHECK(count_lines(text) > acknowledged);
	free(text);
}

static unsigned run_once(unsigned nth, int error)
{
	struct fixture fix;
	int acknowledged;
	char command[256];
	unsigned count;

	fixture_init(&fix);
	kern_fault_arm(NULL, nth, error);
	acknowledged = write_records(&fix);
	count = kern_fault_count();
	kern_fault_disarm();
	CHECK(!nth || kern_fault_call());
	CHECK(nth || acknowledged == RECORDS_COUNT);
	check_afterwards(&fix, acknowledged);
	fixture_fini(&fix);
	/* The next one begins with nothing: the index of this one must not know it. */
	snprintf(command, sizeof(command), "rm -rf '%s'/*", test_dir());
	CHECK_INT(system(command), 0);
	return count;
}

TEST(what_was_acknowledged_survives_any_refused_call)
{
	unsigned count = run_once(0, 0);

	CHECK(count > 4 * RECORDS_COUNT);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (unsigned nth = 1; nth <= count; nth++)
			run_once(nth, errors[i]);
}

TEST_MAIN()
