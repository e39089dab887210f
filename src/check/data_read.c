/* Where a data block's rows come from, and how its file is read. */
#include "src/check/data_inside.h"

/* An item as the script writes it: `-9999` is more than a number's node. */
static const char *as_written(const DataCheck *c, const Ast *ast)
{
    size_t n;
    const char *text = sources_text(diags_sources(c->diags), ast->span.source, &n);
    if (!text || ast->span.end > n) return "";
    return arena_text(c->arena, text + ast->span.begin, ast->span.end - ast->span.begin);
}

static const char *nfc(const DataCheck *c, const char *text)
{
    return str_nfc(c->arena, text, strlen(text));
}

static void read_header(DataCheck *c, CsvOptions *csv)
{
    const Ast *header = data_clause(c, AST_CLAUSE_HEADER);
    if (!header) return;
    csv->header_span = header->span;
    csv->header_none = header->flag;
    if (header->flag) return;
    const char **names = ARENA_ARRAY(c->arena, const char *, header->items.n + 1);
    Span *spans = ARENA_ARRAY(c->arena, Span, header->items.n + 1);
    for (size_t i = 0; i < header->items.n; i++) {
        const Ast *item = header->items.at[i];
        const char *name = data_name(c, item);
        if (!name) continue;
        names[csv->n_header] = name;
        spans[csv->n_header++] = item->span;
    }
    csv->header = names;
    csv->header_spans = spans;
}

static void read_delimiter(DataCheck *c, CsvOptions *csv)
{
    const Ast *delimiter = data_clause(c, AST_CLAUSE_DELIMITER);
    if (!delimiter) return;
    if (delimiter->flag) {
        data_waits(c, delimiter->span, WORD_FORM, "delimiter blanks", "`delimiter blanks`");
        return;
    }
    const char *text = scope_text(c->scope, delimiter->value, "delimiter");
    if (!text) return;
    csv->delimiter_span = delimiter->value->span;
    if (strlen(text) == 1 && text[0] != '"' && text[0] != '\n' && text[0] != '\r') {
        csv->delimiter = text[0];
        return;
    }
    Diag *e = diag(c->diags, E0470, delimiter->value->span, A("text", text));
    diag_fix(e, E0470_help);
}

static void read_missing(DataCheck *c, CsvOptions *csv)
{
    const Ast *missing = data_clause(c, AST_CLAUSE_MISSING);
    if (!missing) return;
    CsvMissing *list = ARENA_ARRAY(c->arena, CsvMissing, missing->items.n + 1);
    for (size_t i = 0; i < missing->items.n; i++) {
        const Ast *item = missing->items.at[i];
        if (item->type == AST_ERROR) continue;
        const char *text = item->type == AST_TEXT ? nfc(c, item->text) : as_written(c, item);
        list[csv->n_missing++] = (CsvMissing){text, item->span};
    }
    csv->missing = list;
}

static void read_renames(DataCheck *c, CsvOptions *csv)
{
    VEC(CsvRename) renames = {0};
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        if (clause->type != AST_CLAUSE_RENAME) continue;
        for (size_t k = 0; k < clause->items.n; k++) {
            const Ast *pair = clause->items.at[k];
            if (pair->type != AST_PAIR || !pair->value || !pair->extra) continue;
            const char *from = data_name(c, pair->value), *to = data_name(c, pair->extra);
            if (!from || !to) continue;
            CsvRename rename = {from, to, pair->value->span, pair->extra->span};
            VEC_PUSH(c->arena, renames, rename);
        }
    }
    csv->renames = renames.at;
    csv->n_renames = renames.n;
}

static void read_options(DataCheck *c)
{
    CsvOptions *csv = &c->recipe->csv;
    read_header(c, csv);
    read_delimiter(c, csv);
    read_missing(c, csv);
    read_renames(c, csv);
    const Ast *encoding = data_clause(c, AST_CLAUSE_ENCODING);
    if (encoding && encoding->value) {
        csv->encoding = scope_text(c->scope, encoding->value, "encoding");
        csv->encoding_span = encoding->value->span;
    }
}

/* A path that names no file of ours: an address in the network, or a compressed file. */
static bool unreadable_path(DataCheck *c, const char *path, Span span)
{
    if (str_starts(path, "http://") || str_starts(path, "https://") || str_starts(path, "ftp://")) {
        const char *slash = strrchr(path, '/');
        const char *name = slash && slash[1] ? slash + 1 : "data.csv";
        Diag *e = diag(c->diags, E0469, span, A("url", path), A("file", name));
        diag_fix(e, E0469_fetch);
        return true;
    }
    if (str_ends(path, ".gz")) data_waits(c, span, WORD_FORM, "data from .gz", "a table in a `.gz` file");
    else if (str_ends(path, ".zip")) data_waits(c, span, WORD_FORM, "data from .zip", "a table in a `.zip` file");
    else return false;
    return true;
}

static void tell_facts(DataCheck *c, const char *written, const TableFacts *facts)
{
    if (facts->delimiter_found) {
        const char *name = facts->delimiter == '\t' ? "tabs" : facts->delimiter == ' ' ? "blanks" : arena_printf(c->arena, "`%c`", facts->delimiter);
        data_fact(c, "the cells of `%s` are separated by %s", written, name);
    }
    if (facts->encoding_found) data_fact(c, "`%s` is read as %s", written, facts->encoding);
}

static const Table *read_file(DataCheck *c, const Ast *path_ast, const char **written, const char **file)
{
    *written = scope_text(c->scope, path_ast, "a file");
    if (!*written || unreadable_path(c, *written, path_ast->span)) return NULL;
    *file = scope_path(c->scope, path_ast, c->named->folder);
    if (!*file || scope_path_elsewhere(c->scope, path_ast, c->named->folder)) return NULL;
    CsvOptions options = c->recipe->csv;
    options.written = *written;
    options.further = c->own != NULL;
    TableFacts facts = {0};
    const Table *table = csv_read(c->arena, *file, &options, path_ast->span, c->diags, &facts);
    if (table) tell_facts(c, *written, &facts);
    return table;
}

void data_read(DataCheck *c)
{
    read_options(c);
    const Ast *source = c->ast->value ? c->ast->value : c->ast->path;
    if (!source || source->type == AST_ERROR) {
        c->unread = true;
        return;
    }
    if (source->type == AST_CALL) {
        data_waits(c, source->span, WORD_FORM, "data from sample", "`data ... from sample`");
        return;
    }
    size_t before = diags_errors(c->diags);
    c->own = read_file(c, source, &c->recipe->path, &c->recipe->file);
    c->raw = c->table = c->own;
    if (!c->own) {
        if (diags_errors(c->diags) == before) c->unread = true;
        return;
    }
    RecipeFileColumn *columns = ARENA_ARRAY(c->arena, RecipeFileColumn, c->own->n_columns + 1);
    for (size_t i = 0; i < c->own->n_columns; i++)
        columns[i] = (RecipeFileColumn){c->own->columns[i].name, c->own->columns[i].type};
    c->recipe->file_columns = columns;
    c->recipe->n_file_columns = c->own->n_columns;
}

bool data_read_parts(DataCheck *c)
{
    bool ok = true;
    for (size_t i = 0; i < c->ast->items.n; i++) {
        const Ast *clause = c->ast->items.at[i];
        if (clause->type != AST_CLAUSE_PART_FROM || !clause->path) continue;
        Part part = part_find(clause->word);
        const char *written = NULL, *file = NULL;
        if (c->recipe->part_path[part]) continue; /* given twice: reported */
        const Table *table = read_file(c, clause->path, &written, &file);
        if (!table) {
            ok = false;
            continue;
        }
        c->recipe->part_path[part] = written;
        c->recipe->part_file[part] = file;
        c->recipe->part_span[part] = clause->path->span;
        if (str_eq(file, c->recipe->file)) {
            Diag *w = diag(c->diags, W0449, clause->path->span, A("part", part_name(part)), A("file", written));
            diag_fix(w, W0449_help);
        }
        const Table *matched = table_match(c->arena, table, c->own, recipe_needed(c->recipe, c->arena, ROWS_PART), clause->path->span, c->diags);
        if (!matched) {
            ok = false;
            continue;
        }
        c->part_begin[part] = c->raw->n_rows;
        c->part_rows[part] = matched->n_rows;
        c->raw = table_concat(c->arena, c->raw, matched);
    }
    return ok;
}
