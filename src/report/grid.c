/* Text tables; see grid.h. */
#include "src/report/grid.h"

#include <string.h>

#include "runtime/base/source.h"

Grid grid_new(Arena *arena, size_t n_columns)
{
    return (Grid){.arena = arena, .n_columns = n_columns, .n_left = 1};
}

void grid_cell(Grid *grid, const char *text)
{
    VEC_PUSH(grid->arena, grid->cells, text ? text : "");
}

static void pad(Buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++) buf_char(out, ' ');
}

void grid_print(const Grid *grid, const char *indent, Buf *out)
{
    size_t n = grid->n_columns, rows = grid->cells.n / n;
    size_t *width = ARENA_ARRAY(grid->arena, size_t, n);
    for (size_t i = 0; i < rows * n; i++) {
        size_t w = display_width(grid->cells.at[i], strlen(grid->cells.at[i]), 0);
        if (w > width[i % n]) width[i % n] = w;
    }
    for (size_t r = 0; r < rows; r++) {
        buf_put(out, indent);
        size_t owed = 0; /* blanks are put only before a text, so that no line ends in them */
        for (size_t c = 0; c < n; c++) {
            const char *text = grid->cells.at[r * n + c];
            size_t space = width[c] - display_width(text, strlen(text), 0);
            bool left = c < (grid->n_left ? grid->n_left : 1);
            if (!left) owed += space;
            if (text[0]) {
                pad(out, owed);
                owed = 0;
                buf_put(out, text);
            }
            owed += (left ? space : 0) + 2;
        }
        buf_char(out, '\n');
    }
}
