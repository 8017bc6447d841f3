// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_lex.c - what holds for the tokens of every text
 *
 *   - they stand in order, none overlaps the next, all of them are within the text
 *   - the last is an EOF; an illegal one is the last before it, and then there is a reason
 *   - a bracket is closed behind it by a token of the row
 *   - comments are in order and begin with a #
 */
#include "rego/lex.h"

enum {
	ARENA_MAX_BYTES = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_token(const struct rego_tokens *tokens, size_t index)
{
	const struct rego_token *token = &tokens->items[index];
	bool is_last = index + 1 == tokens->count;

	assert((token->type == REGO_TOKEN_EOF) == is_last);
	assert(token->line >= 1 && token->column >= 1);
	assert(rego_token_end(token) <= tokens->source->text.len);
	if (token->type == REGO_TOKEN_ILLEGAL)
		assert(tokens->illegal && index + 2 == tokens->count);
	if (index && token->type != REGO_TOKEN_EOF)
		assert(token->offset >= rego_token_end(token - 1));
	if (!rego_token_is_template(token) && token->match)
		assert(token->match > index && token->match < tokens->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct rego_source source = { .name = "a.rego", .text = { .data = (const char *)data, .len = size } };
	struct rego_tokens tokens;
	int r = rego_lex(&source, &arena, &tokens);

	assert(!r && tokens.count);
	for (size_t i = 0; i < tokens.count; i++)
		check_token(&tokens, i);
	for (size_t i = 0; i < tokens.comment_count; i++) {
		assert(data[tokens.comments[i].at.offset] == '#');
		assert(!i || tokens.comments[i].at.offset > tokens.comments[i - 1].at.offset);
	}
	return 0;
}
