/* Nodes that need a second look: clauses whose parts may come in several forms, and slips that the grammar lets through to
 * say something better about them than that a token did not fit. */
#include "src/syntax/parser.h"

#include <string.h>

/* The slip's place, the line's first word or a token's own text, in back-quotes where it is a word. */
static const Token *previous(const Parser *p)
{
    /* The lookahead has been read: p->next is behind it. */
    size_t i = p->next >= 2 ? p->next - 2 : 0;
    return &p->tokens->joined.at[i];
}

const Token *name_missing(Parser *p, Span next)
{
    const Token *before = previous(p);
    Diag *e = diag(p->diags, E0132, next, A("before", token_written(p->tokens, before)));
    const char *word = token_written(p->tokens, before);
    const Token *found = &p->tokens->joined.at[p->next - 1];
    bool ends = found->kind == TOKEN_NL || found->kind == TOKEN_END;
    diag_edit(diag_fix(e, E0132_help), ends ? span_after(span_of(p, before)) : span_before(next),
              arena_printf(p->arena, ends ? " my_%s" : "my_%s ", word));
    Token *name = ARENA_NEW(p->arena, Token);
    *name = (Token){.kind = TOKEN_IDENT, .begin = (uint32_t)next.begin, .end = (uint32_t)next.begin, .text = ""};
    return name;
}

const Token *name_reserved(Parser *p, const Token *word)
{
    if (!word_is_reserved((TokenKind)word->kind)) return word;
    diag_fix(diag(p->diags, E0133, span_of(p, word), A("word", word->text)), E0133_help);
    return word;
}

const Token *name_quoted(Parser *p, const Token *text)
{
    if (text->flags & FLAG_SINGLE) return text;
    Span span = span_of(p, text);
    Diag *e = diag(p->diags, E0149, span, A("text", text->text));
    if (str_is_name(text->text) && !word_is_reserved(word_find(text->text, strlen(text->text))))
        diag_edit(diag_fix(e, E0149_help), span, text->text);
    else
        diag_fix(e, E0149_choose);
    return text;
}

void word_missing(Parser *p, Span next, const char *word)
{
    const Token *before = previous(p);
    const Token *found = &p->tokens->joined.at[p->next - 1];
    bool ends = found->kind == TOKEN_NL || found->kind == TOKEN_END;
    Span behind = span_after(span_of(p, before));
    Diag *e = diag(p->diags, E0131, ends ? behind : next, A("word", word), A("before", token_written(p->tokens, before)));
    bool colon = str_eq(word, ":");
    const char *text = arena_printf(p->arena, ends ? " %s" : colon ? "%s" : "%s ", word);
    diag_edit(diag_fix(e, E0131_help), ends || colon ? behind : span_before(next), text);
}

Ast *text_unquoted(Parser *p, const Token *name)
{
    Span span = span_of(p, name);
    Diag *e = diag(p->diags, E0150, span, A("word", name->text));
    diag_edit(diag_fix(e, E0150_help), span, arena_printf(p->arena, "\"%s\"", name->text));
    return node_new(p, (Ast){.type = AST_TEXT, .span = span, .text = name->text, .text_span = span});
}

Ast *delimiter_named(Parser *p, const Token *sign)
{
    static const struct {
        const char *name, *sign, *written;
    } known[] = {{"comma", ",", ","},  {",", ",", ","},    {":", ":", ":"},         {"colon", ":", ":"},
                 {"tab", "\t", "\\t"}, {"pipe", "|", "|"}, {"semicolon", ";", ";"}, {"space", " ", " "}};
    Span span = span_of(p, sign);
    const char *name = token_written(p->tokens, sign), *text = ",", *replaced = name;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!str_eq_fold(name, known[i].name)) continue;
        text = known[i].sign;
        replaced = known[i].written;
    }
    Diag *e = diag(p->diags, E0150, span, A("word", name));
    diag_edit(diag_fix(e, E0150_help, A("word", replaced)), span, arena_printf(p->arena, "\"%s\"", replaced));
    return node_new(p, (Ast){.type = AST_TEXT, .span = span, .text = text, .text_span = span});
}

void in_brackets(Parser *p, const Token *open, const Token *close)
{
    Diag *e = diag(p->diags, E0121, span_of(p, open), A("text", "["), A("instead", "("));
    Fix *fix = diag_fix(e, E0121_in);
    diag_edit(fix, span_of(p, open), "(");
    diag_edit(fix, span_of(p, close), ")");
}

void block_missing(Parser *p, Span word, Span before)
{
    const char *text = arena_text(p->arena, p->tokens->text + word.begin, word.end - word.begin);
    Diag *e = diag(p->diags, E0147, word, A("word", text));
    diag_edit(diag_fix(e, E0147_help), span_after(before), " { }");
}

Ast *column_reserved(Parser *p, const Token *word)
{
    Span span = span_of(p, word);
    Diag *e = diag(p->diags, E0133, span, A("word", word->text));
    diag_edit(diag_fix(e, E0133_quote), span, arena_printf(p->arena, "\"%s\"", word->text));
    return node_new(p, (Ast){.type = AST_TEXT, .span = span, .text = word->text, .text_span = span});
}

static void one_of(Parser *p, Span span, const char *word, const char *kind, const char *const *known, size_t n)
{
    Diag *e = diag(p->diags, E0144, span, A("word", word), A("kind", kind));
    const char *nearest = str_nearest(word, known, n);
    for (size_t i = 0; i < n && !nearest && strlen(word) >= 3; i++)
        if (str_starts(known[i], word)) nearest = known[i]; /* a short form: `val` */
    if (nearest)
        diag_did_you_mean(e, span, nearest);
    else
        diag_fix(e, E0144_known, A("list", str_join(p->arena, known, n, true)));
}

static bool among(const char *word, const char *const *known, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(word, known[i])) return true;
    return false;
}

static const Token *part_checked(Parser *p, const Token *part)
{
    static const char *const parts[] = {"train", "validation", "test"};
    if (part->kind == TOKEN_TRAIN || part->kind == TOKEN_VALIDATION || part->kind == TOKEN_TEST) return part;
    one_of(p, span_of(p, part), part->text, "part of the data", parts, 3);
    Token *train = ARENA_NEW(p->arena, Token); /* the part that every table has */
    *train = *part;
    train->text = "train";
    return train;
}

Ast *on_part(Parser *p, Span span, const Token *name, const Token *part)
{
    static const char *const endings[] = {"csv", "tsv", "txt"};
    if (among(part->text, endings, 3) && name->end + 1 == part->begin) {
        const char *file = arena_printf(p->arena, "%s.%s", name->text, part->text);
        Diag *e = diag(p->diags, E0150, span, A("word", file));
        diag_edit(diag_fix(e, E0150_help), span, arena_printf(p->arena, "\"%s\"", file));
        Ast *path = node_new(p, (Ast){.type = AST_TEXT, .span = span, .text = file, .text_span = span, .misread = true});
        return node_new(p, (Ast){.type = AST_ON, .span = span, .path = path});
    }
    part = part_checked(p, part);
    return node_new(p, (Ast){.type = AST_ON,
                             .span = span,
                             .name = name->text,
                             .name_span = span_of(p, name),
                             .word = part->text,
                             .word_span = span_of(p, part)});
}

/* The option of that word in a list of AST_PAIR; a second one is reported. */
static Ast *option(Parser *p, AstList options, const char *word)
{
    Ast *found = NULL;
    for (size_t i = 0; i < options.n; i++) {
        Ast *item = options.at[i];
        if (!str_eq(item->word, word)) continue;
        if (found) {
            Diag *e = diag(p->diags, E0148, item->word_span, A("word", word));
            diag_label(e, found->word_span, E0148_first);
            diag_edit(diag_fix(e, E0148_help), item->span, "");
        } else {
            found = item;
        }
    }
    return found;
}

static Ast *option_value(Parser *p, AstList options, const char *word)
{
    Ast *found = option(p, options, word);
    return found ? found->value : NULL;
}

Ast *evaluate(Parser *p, Span span, AstList models, Ast *on, AstList options)
{
    return node_new(p, (Ast){.type = AST_EVALUATE,
                             .span = span,
                             .args = models,
                             .on = on,
                             .value = option_value(p, options, "threshold"),
                             .extra = option_value(p, options, "season")});
}

static Ast clause_of(Parser *p, AstType type, Span span, const Token *word)
{
    return (Ast){.type = type, .span = span, .word = word->text, .word_span = span_of(p, word)};
}

/* The one name before a `:`, NULL where the list is empty or something else (reported). */
static const Ast *one_name(Parser *p, const Token *word, AstList names)
{
    if (names.n == 0) return NULL;
    const Ast *first = names.at[0];
    if (names.n == 1 && first->type == AST_NAME) return first;
    if (names.n == 1 && first->type == AST_TEXT && first->flag) return NULL;
    Span span = span_join(first->span, names.at[names.n - 1]->span);
    const char *written = arena_text(p->arena, p->tokens->text + span.begin, span.end - span.begin);
    Diag *e = diag(p->diags, E0146, span, A("found", arena_printf(p->arena, "`%s`", written)), A("word", word->text));
    diag_fix(e, E0146_help);
    return NULL;
}

Ast *features(Parser *p, Span span, const Token *word, AstList group, AstList columns, Ast *as)
{
    Ast node = clause_of(p, AST_CLAUSE_FEATURES, span, word);
    const Ast *name = one_name(p, word, group);
    if (name) {
        node.name = name->name;
        node.name_span = name->span;
    }
    node.items = columns;
    if (as) {
        node.args = as->items;
        node.close = as->close;
        node.open = as->open;
    }
    return clause_new(p, node);
}

Ast *target(Parser *p, Span span, const Token *word, AstList output, AstList columns, AstList options)
{
    Ast node = clause_of(p, AST_CLAUSE_TARGET, span, word);
    const Ast *name = one_name(p, word, output);
    if (name) {
        node.name = name->name;
        node.name_span = name->span;
    }
    node.items = columns;
    node.flag = option(p, options, "as") != NULL;
    node.value = option_value(p, options, "ahead");
    Ast *positive = option_value(p, options, "positive");
    if (positive) {
        node.text = positive->type == AST_UNARY ? arena_printf(p->arena, "-%s", positive->value->text) : positive->text;
        node.text_span = positive->span;
        node.extra = positive;
    }
    return clause_new(p, node);
}

static const char *written(const Parser *p, Span span)
{
    return arena_text(p->arena, p->tokens->text + span.begin, span.end - span.begin);
}

Ast *method_alone(Parser *p, AstType type, Span span, const Token *word, AstList items, bool per_group)
{
    Ast node = clause_of(p, type, span, word);
    node.flag = per_group;
    const Ast *first = items.at[0];
    bool method = first->type == AST_NAME || first->type == AST_CALL || first->type == AST_NONE || first->type == AST_TEXT ||
                  first->type == AST_NUMBER || first->type == AST_UNARY || first->type == AST_ERROR;
    if (items.n != 1 || !method) {
        Span all = span_join(first->span, items.at[items.n - 1]->span);
        Diag *e = diag(p->diags, E0153, all, A("word", word->text), A("list", written(p, all)),
                       A("method", type == AST_CLAUSE_SCALE ? "standard" : "mean"));
        diag_fix(e, E0153_help);
        node.items = items;
        node.value = node_new(p, (Ast){.type = AST_ERROR, .span = all});
        return clause_new(p, node);
    }
    node.value = items.at[0];
    return clause_new(p, node);
}

Ast *window(Parser *p, Span span, const Token *word, const Token *group, Ast *length, AstList options)
{
    Ast node = clause_of(p, AST_CLAUSE_WINDOW, span, word);
    if (group) {
        node.name = group->text;
        node.name_span = span_of(p, group);
    }
    node.value = length;
    node.extra = option_value(p, options, "stride");
    node.extra2 = option_value(p, options, "every");
    return clause_new(p, node);
}

Ast *split_by(Parser *p, Span span, const Token *word, Ast *column, AstList shares)
{
    Ast node = clause_of(p, AST_CLAUSE_SPLIT_BY, span, word);
    node.name = ast_column_text(column);
    node.name_span = column->span;
    node.text = column->text;
    node.items = shares;
    return clause_new(p, node);
}

Ast *date(Parser *p, Span span, const Token *word, const Token *name, AstList columns, Ast *format)
{
    Ast node = clause_of(p, AST_CLAUSE_DATE, span, word);
    if (name) {
        node.name = name->text;
        node.name_span = span_of(p, name);
    }
    for (size_t i = 0; i < columns.n; i++) {
        Ast *part = node_new(p, (Ast){.type = AST_DATE_PART, .span = columns.at[i]->span, .value = columns.at[i]});
        node.items = list_add(p, node.items, part);
    }
    node.value = format;
    return clause_new(p, node);
}

static const char *const units[] = {"minute", "hour", "day", "week", "month", "quarter", "year"};

bool every_uncounted(Parser *p, const char *unit, Span span)
{
    if (!among(unit, units, 7)) return false;
    Diag *e = diag(p->diags, E0131, span, A("word", "1"), A("before", "every"));
    diag_edit(diag_fix(e, E0131_help), span_before(span), "1 ");
    return true;
}

Ast *every(Parser *p, Span span, Ast *count, const Token *unit, const Token *how)
{
    static const char *const hows[] = {"mean", "sum", "first", "last"};
    bool known = among(unit->text, units, 7);
    bool uncounted = !known && count->type == AST_NAME && every_uncounted(p, count->name, count->span);
    if (!known && !uncounted) one_of(p, span_of(p, unit), unit->text, "unit of time", units, 7);
    if (how && !among(how->text, hows, 4)) one_of(p, span_of(p, how), how->text, "way to make several rows one", hows, 4);
    return node_new(p, (Ast){.type = AST_EVERY,
                             .span = span,
                             .value = count,
                             .word = unit->text,
                             .word_span = span_of(p, unit),
                             .flag = !known,
                             .text = how ? how->text : NULL,
                             .text_span = how ? span_of(p, how) : NO_SPAN});
}

/* A word that is a selection of columns elsewhere is a name here. */
static AstList as_names(Parser *p, AstList items)
{
    for (size_t i = 0; i < items.n; i++) {
        Ast *item = items.at[i];
        if (item->type != AST_ALL && item->type != AST_NUMBERS && item->type != AST_TEXTS) continue;
        items.at[i] = node_new(p, (Ast){.type = AST_NAME, .span = item->span, .name = item->word, .name_span = item->span});
    }
    return items;
}

Ast *metrics(Parser *p, Span span, const Token *word, AstList outputs, AstList items)
{
    Ast node = clause_of(p, AST_CLAUSE_METRICS, span, word);
    node.args = as_names(p, outputs);
    node.items = as_names(p, items);
    return clause_new(p, node);
}

static bool is_test(const Ast *node)
{
    static const char *const relations[] = {"=", "!=", "<", "<=", ">", ">=", "and", "or"};
    return node->type == AST_IN || (node->type == AST_BINARY && among(node->word, relations, 8)) ||
           (node->type == AST_UNARY && str_eq(node->word, "not"));
}

Ast *arithmetic_only(Parser *p, Ast *value)
{
    if (!is_test(value)) return value;
    Diag *e = diag(p->diags, E0142, value->span);
    diag_primary(e, E0142_here);
    diag_fix(e, E0142_help);
    return node_new(p, (Ast){.type = AST_ERROR, .span = value->span});
}

Ast *link_odd(Parser *p, Ast *value)
{
    if (value->type == AST_ERROR) return value;
    const char *text = written(p, value->span);
    Diag *e = diag(p->diags, E0136, value->span, A("found", arena_printf(p->arena, "`%s`", text)), A("value", text));
    diag_primary(e, E0136_here);
    if (value->type == AST_NUMBER)
        diag_edit(diag_fix(e, E0136_help), value->span, arena_printf(p->arena, "dense(%s)", text));
    return node_new(p, (Ast){.type = AST_ERROR, .span = value->span});
}
