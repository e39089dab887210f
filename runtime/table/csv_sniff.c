/* Finding the delimiter: the one of , ; tab and | that cuts each of the first lines into the same number of cells, two or more.
 *
 * Where two do (`a,b;c,d` throughout) nothing tells which is meant, and the script has to. Where none does, the one that the first
 * line has most of is taken, and the rows that do not fit are reported by the reader; a file without any has one column. */
#include "runtime/table/csv_inside.h"

enum { SNIFF_LINES = 50, SNIFF_BYTES = 1 << 16 };

/* Cells of the first line; *even: all lines looked at have as many. */
static size_t cells_by(const char *text, size_t n, char delimiter, bool *even)
{
    const char *p = text, *end = text + n;
    const char *stop = n > SNIFF_BYTES ? text + SNIFF_BYTES : end;
    size_t first = 0;
    *even = true;
    for (int line = 0; line < SNIFF_LINES && p < stop;) {
        if (line_blank(p, end, delimiter, &p)) continue;
        size_t cells = 0;
        for (;;) {
            Cell cell;
            p = cell_scan(p, end, delimiter, &cell);
            if (cell.fault != CELL_FINE) *even = false;
            cells++;
            if (p == end || *p != delimiter) break;
            p++;
        }
        if (p < end) p++;
        if (line == 0) first = cells;
        else if (cells != first) *even = false;
        line++;
    }
    return first;
}

const char *delimiter_name(char delimiter)
{
    static const char names[][2] = {",", ";", "|"};
    if (delimiter == '\t') return "tab";
    if (delimiter == ' ') return "blank";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i][0] == delimiter) return names[i];
    return "delimiter";
}

char csv_sniff(const CsvText *text, const char *path, const CsvOptions *options, Span place, Diags *diags)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    if (options && options->delimiter) return options->delimiter;
    if (str_ends(path, ".tsv") || str_ends(path, ".TSV") || str_ends(path, ".tab")) return '\t';
    char even_one = 0, most = ',';
    size_t even_cells = 0, most_cells = 1;
    for (size_t i = 0; i < sizeof candidates; i++) {
        bool even;
        size_t cells = cells_by(text->text, text->n, candidates[i], &even);
        if (cells > most_cells) {
            most = candidates[i];
            most_cells = cells;
        }
        if (!even || cells < 2) continue;
        if (!even_one) {
            even_one = candidates[i];
            even_cells = cells;
            continue;
        }
        const char *line_end = memchr(text->text, '\n', text->n);
        size_t length = line_end ? (size_t)(line_end - text->text) : text->n;
        Diag *e = diag(diags, E0515, ((Span){text->source, 0, length}), A("path", path), A("first", delimiter_name(even_one)),
                       A("second", delimiter_name(candidates[i])), AI("cells", even_cells), AI("others", cells));
        diag_file_fault(e);
        diag_primary(e, E0515_here);
        (void)place;
        const char both[] = {even_one, candidates[i]};
        for (int k = 0; k < 2; k++) {
            Fix *fix = diag_fix(e, E0515_choose);
            if (!options || options->clause.source == 0) break;
            char line[32];
            snprintf(line, sizeof line, both[k] == '\t' ? "    delimiter \"\\t\"\n" : "    delimiter \"%c\"\n", both[k]);
            diag_edit(fix, options->clause, line);
        }
        return 0;
    }
    return even_one ? even_one : most;
}
