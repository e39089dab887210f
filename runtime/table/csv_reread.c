/* Columns that are read once more as texts, and what their cells are if they are no numbers. */
#include "runtime/table/csv_inside.h"

#include <math.h>

static bool missing_text(const char *text, size_t n, void *context)
{
    return cell_is_missing(text, n, context);
}

static bool digits_in_threes(const char *text, size_t n)
{
    size_t i = 0, since = 0, commas = 0;
    if (n > 0 && (text[0] == '-' || text[0] == '+')) i = 1;
    for (; i < n && text[i] != '.'; i++) {
        if (text[i] == ',') {
            if (commas++ > 0 ? since != 3 : since < 1 || since > 3) return false;
            since = 0;
        } else if (digit_at(&text[i])) {
            since++;
        } else {
            return false;
        }
    }
    if (commas == 0 || since != 3) return false;
    for (i++; i < n; i++)
        if (!digit_at(&text[i])) return false;
    return true;
}

static bool decimal_comma(const char *text, size_t n)
{
    size_t commas = 0, digits = 0;
    for (size_t i = text[0] == '-' || text[0] == '+'; i < n; i++) {
        commas += text[i] == ',';
        digits += digit_at(&text[i]);
        if (text[i] != ',' && !digit_at(&text[i])) return false;
    }
    return commas == 1 && digits > 0;
}

static bool plain_or_threes(const char *text, size_t n)
{
    double value;
    while (n > 0 && text[0] == ' ') text++, n--;
    while (n > 0 && text[n - 1] == ' ') n--;
    return n > 0 && (csv_number(text, n, &value) || digits_in_threes(text, n));
}

/* A number once a sign of money before or behind it is gone. */
static bool money(const char *text, size_t n)
{
    static const char *const signs[] = {"$", "€", "£", "¥", "₩", "원", "USD", "EUR", "KRW"};
    size_t sign = n > 0 && text[0] == '-';
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i]);
        if (n <= length + sign) continue;
        if (memcmp(text + sign, signs[i], length) == 0 && plain_or_threes(text + sign + length, n - sign - length)) return true;
        if (memcmp(text + n - length, signs[i], length) == 0 && plain_or_threes(text, n - length)) return true;
    }
    return false;
}

OddCell odd_kind(const char *text, size_t n)
{
    static const char *const infinities[] = {"inf", "-inf", "+inf", "infinity", "-infinity", "∞", "-∞"};
    if (n == 0) return ODD_OTHER;
    for (size_t i = 0; i < sizeof infinities / sizeof *infinities; i++)
        if (str_eq_fold(text, infinities[i])) return ODD_INFINITE;
    if (text[n - 1] == '%' && plain_or_threes(text, n - 1)) return ODD_PERCENT;
    if (digits_in_threes(text, n)) return ODD_THOUSANDS;
    if (decimal_comma(text, n)) return ODD_COMMA;
    if (money(text, n)) return ODD_CURRENCY;
    return ODD_OTHER;
}

/* A column of prices ("$5", "$7") holds no plain number at all, and yet is one of numbers to people: such texts count as
 * numbers spoiled, and the column as one with odd cells. */
void column_count_odd(Column *column, size_t n_rows)
{
    ColumnOdd odd = {0};
    size_t n_texts = column->n_texts;
    if (n_texts == 0) return;
    enum { NUMBER = 1, DATE, ODD, SPOILED };
    uint8_t *kinds = memory_alloc(n_texts);
    bool hope = false;
    for (size_t i = 0; i < n_texts; i++) {
        const char *text = column->texts[i];
        size_t n = strlen(text);
        double value;
        DateForm form;
        bool digits = strpbrk(text, "0123456789") != NULL;
        if (digits && csv_number(text, n, &value) && isfinite(value)) kinds[i] = NUMBER;
        else if (digits && date_parse_iso(text, n, &form, &value)) kinds[i] = DATE;
        else kinds[i] = odd_kind(text, n) != ODD_OTHER ? SPOILED : ODD;
        hope = hope || kinds[i] != ODD;
    }
    if (hope) {
        for (size_t row = 0; row < n_rows; row++) {
            uint32_t code = column->codes[row];
            if (code == TEXT_MISSING) continue;
            if (kinds[code] == NUMBER) odd.n_numbers++;
            else if (kinds[code] == DATE) odd.n_dates++;
            else {
                if (odd.n_odd < ODD_ROWS) {
                    odd.rows[odd.n_odd] = (uint32_t)row;
                    odd.texts[odd.n_odd] = column->texts[code];
                }
                odd.n_odd++;
                odd.n_spoiled += kinds[code] == SPOILED;
            }
        }
        /* Where dates are many, numbers among them are odd, and the other way round. */
        if (odd.n_odd > 0) {
            const char *first = odd.texts[0];
            odd.why = odd_kind(first, strlen(first));
            if (odd.n_dates > odd.n_numbers && date_looks_iso(first, strlen(first))) odd.why = ODD_NO_DAY;
        }
        column->odd = odd;
    }
    free(kinds);
}

/* Texts that are ISO dates throughout make a column of dates. */
static void perhaps_dates(Arena *arena, Column *column, size_t n_rows)
{
    DateForm form = DATE_NONE;
    double *values = ARENA_ARRAY(arena, double, column->n_texts);
    for (size_t i = 0; i < column->n_texts; i++) {
        DateForm one;
        if (!date_parse_iso(column->texts[i], strlen(column->texts[i]), &one, &values[i])) return;
        if (form != DATE_NONE && form != one && (form == DATE_MONTH || one == DATE_MONTH)) return;
        form = form == DATE_NONE || form == one ? one : DATE_TIME;
    }
    if (form == DATE_NONE) return;
    double *numbers = ARENA_ARRAY(arena, double, n_rows);
    for (size_t row = 0; row < n_rows; row++)
        numbers[row] = column->codes[row] == TEXT_MISSING ? TABLE_MISSING : values[column->codes[row]];
    *column = (Column){.name = column->name, .type = COLUMN_DATE, .numbers = numbers, .form = form, .n_missing = column->n_missing,
                       .file_column = column->file_column};
}

void csv_reread(Arena *arena, const TableFile *file, Column *columns, const bool *marked, Markers *markers)
{
    size_t last = 0;
    uint32_t **codes = ARENA_ARRAY(arena, uint32_t *, file->n_columns);
    for (size_t c = 0; c < file->n_columns; c++) {
        if (!marked[c]) continue;
        last = c;
        codes[c] = ARENA_ARRAY(arena, uint32_t, file->n_rows);
        columns[c] = (Column){.name = columns[c].name, .type = COLUMN_TEXT, .file_column = c, .codes = codes[c],
                              .index = text_index_new(arena, missing_text, markers)};
    }
    const char *end = file->text + file->n;
    Buf scratch = buf_in(arena);
    for (size_t row = 0; row < file->n_rows; row++) {
        const char *p = file->text + file_row_begin(file, row);
        for (size_t c = 0; c <= last; c++) {
            Cell cell;
            p = cell_scan(p, end, file->delimiter, &cell) + 1;
            if (!marked[c]) continue;
            size_t n;
            const char *content = cell_content(&cell, &scratch, &n);
            codes[c][row] = text_index_add(columns[c].index, content, n);
            columns[c].n_missing += codes[c][row] == TEXT_MISSING;
        }
    }
    for (size_t c = 0; c < file->n_columns; c++) {
        if (!marked[c]) continue;
        columns[c].texts = text_index_texts(columns[c].index, &columns[c].n_texts);
        perhaps_dates(arena, &columns[c], file->n_rows);
        if (columns[c].type == COLUMN_TEXT) column_count_odd(&columns[c], file->n_rows);
    }
}
