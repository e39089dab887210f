/* A first look at every byte of a text, block by block in several threads. It counts line feeds, so that columns are allocated once, at
 * their full length, and so that rows further down can be read before those above them: see CsvBlock. */
#include "runtime/table/csv_inside.h"

typedef uint8_t Bytes16 __attribute__((vector_size(16)));
typedef int8_t Mask16 __attribute__((vector_size(16)));

static bool any_lane(const Mask16 *mask)
{
    uint64_t half[2];
    memcpy(half, mask, 16);
    return (half[0] | half[1]) != 0;
}

/* The bytes from i to end; behind them stands at least one more. */
static void survey(const char *text, size_t i, size_t end, CsvBlock *block)
{
    Mask16 quotes = {0}, zeros = {0}, high = {0}, indented = {0};
    while (end - i >= 16) {
        /* A lane counts at most 127 before the counts are drained. */
        size_t steps = (end - i) / 16 < 127 ? (end - i) / 16 : 127;
        Mask16 count = {0};
        for (size_t k = 0; k < steps; k++, i += 16) {
            Bytes16 v, next;
            memcpy(&v, text + i, 16);
            memcpy(&next, text + i + 1, 16);
            Mask16 feeds = (Mask16)(v == (uint8_t)'\n');
            count -= feeds;
            indented |= feeds & (Mask16)(next <= (uint8_t)' ');
            quotes |= (Mask16)(v == (uint8_t)'"');
            zeros |= (Mask16)(v == 0);
            high |= (Mask16)v;
        }
        for (int lane = 0; lane < 16; lane++) block->line_feeds += (uint8_t)count[lane];
    }
    block->quotes |= any_lane(&quotes);
    block->zeros |= any_lane(&zeros);
    block->indented |= any_lane(&indented);
    for (int lane = 0; lane < 16; lane++) block->high |= high[lane] < 0;
    for (; i < end; i++) {
        block->line_feeds += text[i] == '\n';
        block->indented |= text[i] == '\n' && (unsigned char)text[i + 1] <= ' ';
        block->quotes |= text[i] == '"';
        block->zeros |= text[i] == '\0';
        block->high |= (unsigned char)text[i] >= 0x80;
    }
}

static void survey_block(void *context, int k)
{
    const CsvText *text = context;
    size_t begin = (size_t)k * CSV_BLOCK, end = text->n - begin < CSV_BLOCK ? text->n : begin + CSV_BLOCK;
    /* Blank lines at the end of the text are no lines between rows. */
    size_t inside = text->filled < begin ? begin : text->filled < end ? text->filled : end;
    CsvBlock *block = &text->blocks[k];
    survey(text->text, begin, inside, block);
    bool indented = block->indented;
    survey(text->text, inside, end, block);
    block->indented = indented;
}

void csv_survey(Arena *arena, Par *par, CsvText *text)
{
    text->n_blocks = (text->n + CSV_BLOCK - 1) / CSV_BLOCK;
    text->blocks = ARENA_ARRAY(arena, CsvBlock, text->n_blocks);
    text->filled = text->n;
    while (text->filled > 0 && (unsigned char)text->text[text->filled - 1] <= ' ') text->filled--;
    par_run(par, (int)text->n_blocks, survey_block, text);
    text->line_feeds = 0;
    text->zeros = text->high = false;
    for (size_t k = 0; k < text->n_blocks; k++) {
        text->line_feeds += text->blocks[k].line_feeds;
        text->zeros |= text->blocks[k].zeros;
        text->high |= text->blocks[k].high;
    }
}
