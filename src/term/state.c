// SPDX-License-Identifier: Apache-2.0
/*
 * state.c - what a program changed of the terminal's state, and how it is put back
 *
 * The order of putting back: the keyboard's stack first, which belongs to the screen that is in use; then the
 * modes, in the order of the table: reports stop first, then the screen is changed; then what belongs to any
 * screen. The scrolling region is reset inside a saved cursor, since that homes it.
 *
 * Where nobody knows on which screen a terminal is, the cursor is saved before the other one is left. Each
 * screen has its own: on the first one, what is restored then is what was just saved.
 *
 * Source: XTerm Control Sequences; https://sw.kovidgoyal.net/kitty/keyboard-protocol/
 */
#include "term/state.h"

enum {
	MODIFIED_KEYS = 4,		/* of XTMODKEYS */
	OTHER_SCREEN_MODE = 1049,	/* of its names, the one that also saves the cursor */
};

/* ---- what sequences do ---- */

/* > pushes, < pops, = changes what is on top. */
static void track_keyboards(struct term_state *state, enum term_track track, int first)
{
	if (track == TERM_TRACK_KEYBOARD_PUSH && state->keyboard_depth < TERM_KEYBOARDS_MAX)
		state->keyboards[state->keyboard_depth++] = (uint16_t)MAX(first, 0);
	else if (track == TERM_TRACK_KEYBOARD_POP)
		state->keyboard_depth -= (uint8_t)MIN((int)state->keyboard_depth, MAX(first, 1));
	else if (track == TERM_TRACK_KEYBOARD_TOP && state->keyboard_depth)
		state->keyboards[state->keyboard_depth - 1] = (uint16_t)MAX(first, 0);
	for (size_t i = state->keyboard_depth; i < TERM_KEYBOARDS_MAX; i++)
		state->keyboards[i] = 0;
}

/* Without any number all are put back; with a value alone, it is of another sort of keys, or of none. */
static void track_modified_keys(struct term_state *state, int first, int second)
{
	if (first == MODIFIED_KEYS || (first < 0 && second < 0))
		state->modified_keys = (uint16_t)MAX(second, 0);
}

/* DECSTR. */
static void reset_softly(struct term_state *state)
{
	for (size_t i = 0; i < term_modes_count; i++)
		if (term_modes[i].is_soft)
			state->modes &= ~(1ull << i);
	state->has_colours = state->has_margins = state->has_keypad = false;
	state->has_g0 = state->has_g1 = state->is_shifted = false;
}

void term_state_track(struct term_state *state, enum term_track track, int first, int second)
{
	switch ((unsigned)track) {
	case TERM_TRACK_SHIFT_OUT:
	case TERM_TRACK_SHIFT_IN:
		state->is_shifted = track == TERM_TRACK_SHIFT_OUT;
		break;
	case TERM_TRACK_KEYPAD_ON:
	case TERM_TRACK_KEYPAD_OFF:
		state->has_keypad = track == TERM_TRACK_KEYPAD_ON;
		break;
	case TERM_TRACK_G0_OTHER:
	case TERM_TRACK_G0_ASCII:
		state->has_g0 = track == TERM_TRACK_G0_OTHER;
		break;
	case TERM_TRACK_G1_OTHER:
	case TERM_TRACK_G1_ASCII:
		state->has_g1 = track == TERM_TRACK_G1_OTHER;
		break;
	case TERM_TRACK_MODIFIED_KEYS:
		track_modified_keys(state, first, second);
		break;
	case TERM_TRACK_KEYBOARD_PUSH:
	case TERM_TRACK_KEYBOARD_POP:
	case TERM_TRACK_KEYBOARD_TOP:
		track_keyboards(state, track, first);
		break;
	case TERM_TRACK_SOFT_RESET:
		reset_softly(state);
		break;
	case TERM_TRACK_RESET:
		*state = (struct term_state){ 0 };
		break;
	default:
		break;
	}
}

static uint64_t screens(void)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < term_modes_count; i++)
		if (term_modes[i].is_screen)
			bits |= 1ull << i;
	return bits;
}

void term_state_set_mode(struct term_state *state, const struct term_mode *mode, bool is_set)
{
	uint64_t bit = 1ull << (mode - term_modes);

	if (mode->is_screen) {
		state->modes &= ~screens();
		state->is_alternate = is_set;
	}
	if (!mode->is_untracked && is_set != mode->is_set_by_default)
		state->modes |= bit;
	else
		state->modes &= ~bit;
}

/* ---- as sequences ---- */

static void write_modes(uint64_t modes, bool restores, struct buf *buf)
{
	for (size_t i = 0; i < term_modes_count; i++) {
		const struct term_mode *mode = &term_modes[i];
		bool is_set = restores == mode->is_set_by_default;

		if (modes >> i & 1)
			(void)buf_printf(buf, "\033[%s%d%c", mode->is_private ? "?" : "", mode->number,
				is_set ? 'h' : 'l');
	}
}

static void write_if(struct buf *buf, bool is_changed, const char *sequence)
{
	if (is_changed)
		(void)buf_append_str(buf, sequence);
}

int term_state_restore(struct term_state *state, struct buf *buf)
{
	if (state->keyboard_depth)
		(void)buf_printf(buf, "\033[<%uu", state->keyboard_depth);
	write_modes(state->modes, true, buf);
	write_if(buf, state->has_link, "\033]8;;\a");
	write_if(buf, state->modified_keys, "\033[>4m");
	write_if(buf, state->has_keypad, "\033>");
	write_if(buf, state->is_shifted, "\017");
	write_if(buf, state->has_g0, "\033(B");
	write_if(buf, state->has_g1, "\033)B");
	write_if(buf, state->has_shape, "\033[0 q");
	write_if(buf, state->has_margins, "\0337\033[r\0338");
	write_if(buf, state->has_colours, "\033[m");
	*state = (struct term_state){ 0 };
	return buf_append(buf, "", 0);
}

int term_state_restore_unknown(bool was_filtered, struct buf *buf)
{
	struct term_state worst = {
		.has_colours = true, .has_shape = true, .has_margins = true, .has_keypad = true,
		.has_link = true, .has_g0 = true, .has_g1 = true, .is_shifted = true, .modified_keys = 1,
		.keyboard_depth = was_filtered ? 0 : TERM_KEYBOARDS_MAX,
	};

	for (size_t i = 0; i < term_modes_count; i++) {
		const struct term_mode *mode = &term_modes[i];
		bool is_known = mode->is_untracked || mode->is_left || (was_filtered && !mode->is_kept);

		if (!is_known && (!mode->is_screen || mode->number == OTHER_SCREEN_MODE))
			worst.modes |= 1ull << i;
	}
	(void)buf_append_str(buf, "\0337");
	return term_state_restore(&worst, buf);
}

int term_state_enter_screen(const struct term_state *state, struct buf *buf)
{
	write_modes(state->modes & screens(), false, buf);
	return buf_append(buf, "", 0);
}

int term_state_enter(const struct term_state *state, struct buf *buf)
{
	write_modes(state->modes & ~screens(), false, buf);
	if (state->modified_keys)
		(void)buf_printf(buf, "\033[>4;%um", state->modified_keys);
	for (unsigned i = 0; i < state->keyboard_depth; i++)
		(void)buf_printf(buf, "\033[>%uu", state->keyboards[i]);
	write_if(buf, state->has_keypad, "\033=");
	write_if(buf, state->has_g0, "\033(0");
	write_if(buf, state->has_g1, "\033)0");
	write_if(buf, state->is_shifted, "\016");
	return buf_append(buf, "", 0);
}
