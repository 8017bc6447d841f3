// SPDX-License-Identifier: Apache-2.0
/*
 * state.c - what a program changed of the terminal's state, and how it is put back
 *
 * The order of putting back follows the table: reports stop first, then the screen is changed, then what
 * belongs to any screen. The scrolling region is reset inside a saved cursor, since that homes it.
 */
#include "term/state.h"

void term_state_track(struct term_state *state, enum term_track track)
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
	case TERM_TRACK_RESET:
		*state = (struct term_state){ 0 };
		break;
	default:
		break;
	}
}

static void write_modes(const struct term_state *state, bool restores, struct buf *buf)
{
	for (size_t i = 0; i < term_modes_count; i++) {
		const struct term_mode *mode = &term_modes[i];
		bool is_set = restores == mode->is_set_by_default;

		if (state->modes >> i & 1)
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
	write_modes(state, true, buf);
	write_if(buf, state->has_link, "\033]8;;\a");
	write_if(buf, state->has_modified_keys, "\033[>4m");
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

int term_state_enter(const struct term_state *state, struct buf *buf)
{
	write_modes(state, false, buf);
	write_if(buf, state->has_modified_keys, "\033[>4;2m");
	write_if(buf, state->has_keypad, "\033=");
	write_if(buf, state->has_g0, "\033(0");
	write_if(buf, state->has_g1, "\033)0");
	write_if(buf, state->is_shifted, "\016");
	return buf_append(buf, "", 0);
}
