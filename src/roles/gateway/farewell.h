/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farewell.h - the end of a session, for its connections
 *
 * Nothing runs in the sandbox any more. What its programs sent before they ended still goes out, as it would
 * from a machine of their own: a program needs not wait for the other side to have read it. That is tried for
 * two seconds at most, and no longer than something is left to send. The rest of what is open is cut.
 */
#pragma once

struct gateway;

/** farewell_begin() - send what is left, tell the supervisor what all of it came to, and stop the loop */
void farewell_begin(struct gateway *gateway);

/** farewell_fini() - legal where it never began */
void farewell_fini(struct gateway *gateway);
