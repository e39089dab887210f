/* Reading scripts: tokens, trees, the formatter over every script of the tree, and thousands of scripts broken at random
 * (deterministic: the same each time), none of which may crash, hang or say nothing where it is wrong. */
#include "tests/unit/test.h"

#include "src/syntax/parse.h"
#include "src/syntax/token.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef struct {
    Arena *arena;
    Sources *sources;
    Diags *diags;
    uint32_t source;
    Ast *script;
} Read;

static Read read_text(const char *text, size_t n)
{
    Read r = {.arena = arena_new("test")};
    r.sources = sources_new(r.arena);
    r.source = sources_add(r.sources, "test.nnl", arena_text(r.arena, text, n), n);
    r.diags = diags_new(r.arena, r.sources);
    r.script = parse_script(r.arena, r.source, r.diags);
    return r;
}

static Read read_script(const char *text)
{
    return read_text(text, strlen(text));
}

static const char *dump_of(const Read *r)
{
    Buf out = buf_in(r->arena);
    buf_put(&out, "");
    ast_dump(r->script, false, &out);
    return out.at;
}

static const char *format_of(const Read *r)
{
    Buf out = buf_in(r->arena);
    buf_put(&out, "");
    ast_format(r->script, &out);
    return out.at;
}

static const char *said(const Read *r)
{
    Buf out = buf_in(r->arena);
    buf_put(&out, "");
    diags_print(r->diags, (DiagStyle){DIAG_SHORT, false}, &out);
    return out.at;
}

static void tokens_are(const char *text, const char *expected)
{
    Read r = read_script("");
    uint32_t source = sources_add(r.sources, "tokens.nnl", text, strlen(text));
    Buf out = buf_in(r.arena);
    buf_put(&out, "");
    parse_dump_tokens(r.arena, source, r.diags, &out);
    STR(out.at, expected);
    arena_free(r.arena);
}

static void tree_is(const char *text, const char *expected)
{
    Read r = read_script(text);
    STR(said(&r), "");
    STR(dump_of(&r), expected);
    arena_free(r.arena);
}

static void prints_as(const char *text, const char *expected)
{
    Read r = read_script(text);
    STR(said(&r), "");
    STR(format_of(&r), expected);
    arena_free(r.arena);
}

/* The codes of all messages, in order of place: "E0131 E0140". */
static void codes_are(const char *text, const char *expected)
{
    Read r = read_script(text);
    Buf got = buf_in(r.arena);
    buf_put(&got, "");
    const char *lines = said(&r);
    for (const char *at = lines; (at = strstr(at, "[E")); at++) buf_printf(&got, "%s%.5s", got.n ? " " : "", at + 1);
    if (strcmp(got.at, expected) != 0) printf("%s\n%s", text, lines);
    STR(got.at, expected);
    arena_free(r.arena);
}

/* ---- tokens ---- */

TEST(words_are_in_order)
{
    for (TokenKind kind = TOKEN_GONE + 1; kind < TOKEN_KIND_COUNT; kind++) {
        const char *word = word_text(kind);
        OK(word_find(word, strlen(word)) == kind);
        OK(word_help(kind)[0] != 0);
        if (kind + 1 < TOKEN_KIND_COUNT) OK(strcmp(word, word_text(kind + 1)) < 0);
    }
    OK(word_find("trai", 4) == TOKEN_IDENT);
    OK(word_find("training", 8) == TOKEN_IDENT);
}

TEST(clause_lists_hold_every_word)
{
    size_t data = 0, train = 0, statements = 0;
    for (TokenKind kind = TOKEN_GONE + 1; kind < TOKEN_KIND_COUNT; kind++) {
        WordClass class = word_class(kind);
        const char *const *list = class == WORD_DATA    ? parse_data_clauses
                                  : class == WORD_TRAIN ? parse_train_clauses
                                                        : parse_statements;
        if (class == WORD_DATA)
            data++;
        else if (class == WORD_TRAIN)
            train++;
        else if (class == WORD_STATEMENT || class == WORD_SOFT_STATEMENT)
            statements++;
        else
            continue;
        bool found = false;
        for (; *list; list++) found = found || str_eq(*list, word_text(kind));
        OK(found);
    }
    while (data > 0 && parse_data_clauses[data - 1]) data--;
    EQ(data, 0);
    OK(train > 0 && parse_train_clauses[train] == NULL);
    OK(statements > 0 && parse_statements[statements] == NULL);
}

TEST(numbers)
{
    tokens_are("use 1..7 d.test 1_000 1e-3 80% 2.5",
               "1:1 word use\n1:5 number 1\n1:6 ..\n1:8 number 7\n1:10 name d\n1:11 .\n1:12 word test\n1:17 number 1_000\n"
               "1:23 number 1e-3\n1:28 share 80%\n1:32 number 2.5\n1:35 line end\n1:35 end\n");
}

TEST(lines_are_joined)
{
    tokens_are(
        "use =\n  b ->\n\n # c\n  d\n  -> e\nmodel\n{ }\n",
        "1:1 word use\n1:5 =\n2:3 name b\n2:5 ->\n5:3 name d\n6:3 ->\n6:6 name e\n6:7 line end\n7:1 word model\n8:1 {\n"
        "8:3 }\n8:4 line end\n8:4 end\n");
    tokens_are("\xEF\xBB\xBF"
               "use\r\nuse(1,\r\n2)\r\n",
               "1:1 word use\n1:4 line end\n2:1 word use\n2:4 (\n2:5 number 1\n2:6 ,\n3:1 number 2\n3:2 )\n3:3 line "
               "end\n3:3 end\n");
}

TEST(texts)
{
    tree_is("param a = \"a\\\"\\\\\\n\\t\\u{AC00}\"\n",
            "script\n  param name=\"a\"\n    value: text text=\"a\\\"\\\\\\n\t가\"\n");
    /* Decomposed Hangul is composed. */
    tree_is("show \xE1\x84\x80\xE1\x85\xA1\n", "script\n  show name=\"가\"\n");
}

/* ---- trees ---- */

TEST(operators_bind)
{
    tree_is("data d from \"f\" {\nwhere not a = 1 + 2 * -b or c in (1) and d\n}\n",
            "script\n  data name=\"d\"\n    value: text text=\"f\"\n    clause_where word=\"where\"\n"
            "      value: binary word=\"or\"\n        value: unary word=\"not\"\n          value: binary word=\"=\"\n"
            "            value: name name=\"a\"\n            extra: binary word=\"+\"\n              value: number "
            "text=\"1\" flag\n"
            "              extra: binary word=\"*\"\n                value: number text=\"2\" flag\n"
            "                extra: unary word=\"-\"\n                  value: name name=\"b\"\n"
            "        extra: binary word=\"and\"\n          value: in\n            value: name name=\"c\"\n"
            "            number text=\"1\" flag\n          extra: name name=\"d\"\n");
}

TEST(clauses_keep_their_parts)
{
    tree_is("data d from \"f\" {\ntarget next: a, \"b c\" as class ahead 1..k positive -1\nwindow past: 3 every 2\n}\n",
            "script\n  data name=\"d\"\n    value: text text=\"f\"\n    clause_target name=\"next\" word=\"target\" "
            "text=\"-1\" flag\n"
            "      value: range\n        value: number text=\"1\" flag\n        extra: name name=\"k\"\n"
            "      extra: unary word=\"-\"\n        value: number text=\"1\" flag\n      name name=\"a\"\n      text "
            "text=\"b c\"\n"
            "    clause_window name=\"past\" word=\"window\"\n      value: number text=\"3\" flag\n"
            "      extra2: number text=\"2\" flag\n");
}

TEST(unknown_clauses_are_kept)
{
    tree_is("train m on d {\nteacher strict { a\n b }\nepochs 3\n}\n",
            "script\n  train name=\"m\"\n    on: on name=\"d\"\n    clause_unknown word=\"teacher\"\n"
            "    clause_epochs word=\"epochs\"\n      value: number text=\"3\" flag\n");
}

/* A line that cannot be read still tells what it would have bound, so that nothing is said about its uses. */
TEST(broken_lines_tell_their_names)
{
    Read r = read_script("model m {\n    seq, h = x -> lstm(8 8)\n    output y = h\n}\ndata d from {\n}\n");
    STR(dump_of(&r), "script\n  model name=\"m\"\n    error\n      arg: name name=\"seq\"\n      arg: name name=\"h\"\n"
                     "      name name=\"x\"\n      name name=\"lstm\"\n    output name=\"y\"\n      value: chain\n"
                     "        name name=\"h\"\n  error name=\"d\" word=\"data\"\n    name name=\"d\"\n");
    arena_free(r.arena);
}

TEST(values_of_the_command_line)
{
    Read r = read_script("");
    static const struct {
        const char *text;
        AstType type;
    } good[] = {{"64", AST_NUMBER},        {"80%", AST_PERCENT},  {"relu", AST_NAME},
                {"\"a b.csv\"", AST_TEXT}, {"[1, 2]", AST_LIST},  {"true", AST_TRUE},
                {"-3", AST_UNARY},         {"2 * 8", AST_BINARY}, {"adam(0.1)", AST_CALL}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint32_t source = sources_add(r.sources, "value", good[i].text, strlen(good[i].text));
        Ast *value = parse_value(r.arena, source, r.diags);
        OK(value != NULL);
        if (value) EQ(value->type, good[i].type);
    }
    EQ(diags_errors(r.diags), 0);
    static const char *const bad[] = {"", "1..2", "a b", "0x10", "'a'", "1 +", "\"a", "{}", "x = 3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t source = sources_add(r.sources, "value", bad[i], strlen(bad[i]));
        OK(parse_value(r.arena, source, r.diags) == NULL);
        EQ(diags_errors(r.diags), i + 1);
        EQ(diag_code(diags_at(r.diags, i)), E0151);
    }
    arena_free(r.arena);
}

/* ---- printing ---- */

TEST(one_layout)
{
    prints_as("\xEF\xBB\xBFmodel m{\r\n\tinput x [ 4 ]\r\n\r\n\r\n\tdense( 64,relu )\r\n}\r\n",
              "model m {\n    input x[4]\n\n    dense(64, relu)\n}\n");
    prints_as("data d from f{target y\nfeatures a,b}\n", "data d from f {\n    target   y\n    features a, b\n}\n");
    prints_as("data d from f{where ((a))=(1+2)*3-(4-5)}\n", "data d from f {\n    where (a) = (1 + 2) * 3 - (4 - 5)\n}\n");
    prints_as("train m on d{}\n", "train m on d { }\n");
}

TEST(comments_stay)
{
    prints_as(
        "# top\n\n#two\nseed 7 # behind\nmodel m { # open\n  # before\n  input x\n  h = x -> # why\n    dense(8, # units\n"
        "      relu) # last\n  # end\n}# after\n# bottom",
        "# top\n\n#two\nseed 7     # behind\nmodel m {  # open\n    # before\n    input x\n    h = x            # why\n"
        "        -> dense(8,  # units\n            relu)    # last\n    # end\n}  # after\n# bottom\n");
}

/* ---- mistakes ---- */

TEST(one_message_a_mistake)
{
    codes_are("model m {\n    input x[4]\n    dense(8\n    dense(1)\n}\nshow d x\nsave m \"f\"\n", "E0129 E0145 E0131");
    codes_are("modle m {\n    inptu x[4]\n    dense(8 8)\n}\ntrain m d {\n    epochs = 3\n    batch 3 4\n}\n",
              "E0125 E0125 E0138 E0131 E0134 E0145");
    codes_are("model m {\n    input x\n\ndata d from \"f\" {\n    target\n", "E0128 E0128 E0140");
    codes_are("data d from \"f\" {\n    input x\n    seed 3\n    model n {\n        dense(1)\n    }\n    target\n}\n",
              "E0127 E0127 E0127 E0140");
    codes_are("target y\nfeatures x\ndense(3)\n}\n", "E0127");
}

/* The example of every kind of message is met by the sentence it was written for: bison's states are known by examples. */
TEST(messages_by_example)
{
    static const struct {
        const char *example;
        DiagCode code;
    } messages[] = {
#define NO_TEXT DIAG_TEXT_NONE
#define SAY(example, code, place, help) {example, code},
#include "grammar/messages.def"
#undef SAY
    };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        Read r = read_script(messages[i].example);
        bool found = false;
        for (size_t k = 0; k < diags_count(r.diags); k++)
            found = found || diag_code(diags_at(r.diags, k)) == messages[i].code;
        if (!found) printf("%s\n%s", messages[i].example, said(&r));
        OK(found);
        arena_free(r.arena);
    }
}

TEST(limits)
{
    size_t n = (size_t)16 * 1024 * 1024 + 1;
    char *big = calloc(n, 1);
    memset(big, '#', n);
    Read r = read_text(big, n);
    EQ(diag_code(diags_at(r.diags, 0)), E0103);
    arena_free(r.arena);
    /* As deep as is allowed, and one deeper. */
    for (size_t depth = 198; depth <= 202; depth += 4) {
        Buf text = buf_in((r = read_script("")).arena);
        buf_put(&text, "param a = ");
        for (size_t i = 0; i < depth; i++) buf_char(&text, '(');
        buf_char(&text, '1');
        for (size_t i = 0; i < depth; i++) buf_char(&text, ')');
        codes_are(text.at, depth > 200 ? "E0104" : "");
        arena_free(r.arena);
    }
    /* A long script of one kind of line reads in a moment and in order. */
    memset(big, ' ', n - 1);
    for (size_t i = 0; i + 12 < (size_t)1 << 20; i += 12) memcpy(big + i, "seed 1234;  ", 12);
    r = read_text(big, (size_t)1 << 20);
    OK(diags_errors(r.diags) > 100);
    arena_free(r.arena);
    free(big);
}

/* ---- every script of the tree ---- */

typedef VEC(char *) Files;
static Files files;
static Arena *files_arena;

static void collect(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.') continue;
        char *path = arena_printf(files_arena, "%s/%s", folder, entry->d_name);
        struct stat info;
        if (stat(path, &info) != 0) continue;
        if (S_ISDIR(info.st_mode))
            collect(path);
        else if (str_ends(path, ".nnl") && info.st_size < 100000)
            VEC_PUSH(files_arena, files, path);
    }
    closedir(dir);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect_all(void)
{
    if (files.n > 0) return;
    files_arena = arena_new("files");
    collect("examples");
    collect("stdlib");
    collect("tests");
    qsort(files.at, files.n, sizeof *files.at, by_name);
}

static char *content(Arena *arena, const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *text = arena_alloc(arena, 100001);
    *n = fread(text, 1, 100000, file);
    fclose(file);
    return text;
}

TEST(formatting_keeps_every_script)
{
    collect_all();
    OK(files.n > 50);
    for (size_t i = 0; i < files.n; i++) {
        size_t n = 0;
        Arena *arena = arena_new("content");
        const char *text = content(arena, files.at[i], &n);
        Read first = read_text(text, n);
        if (diags_errors(first.diags) == 0) {
            const char *once = format_of(&first);
            Read second = read_script(once);
            const char *twice = format_of(&second);
            bool same = strcmp(dump_of(&first), dump_of(&second)) == 0 && strcmp(once, twice) == 0;
            if (!same) printf("%s\n%s", files.at[i], said(&second));
            OK(same);
            arena_free(second.arena);
        } else if (str_starts(files.at[i], "examples") || str_starts(files.at[i], "stdlib")) {
            printf("%s\n%s", files.at[i], said(&first));
            OK(diags_errors(first.diags) == 0);
        }
        arena_free(first.arena);
        arena_free(arena);
    }
}

/* ---- broken at random ---- */

static uint64_t state = 1;

static uint32_t draw(size_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % (below ? below : 1));
}

static const char *const pieces[] = {"(",
                                     ")",
                                     "[",
                                     "]",
                                     "{",
                                     "}",
                                     ",",
                                     "->",
                                     "=",
                                     ":",
                                     "\n",
                                     " ",
                                     "\"",
                                     "'",
                                     "#",
                                     ";",
                                     "%",
                                     "..",
                                     ".",
                                     "1",
                                     "0.5",
                                     "80%",
                                     "1,000",
                                     "0x1",
                                     "model",
                                     "data",
                                     "train",
                                     "on",
                                     "from",
                                     "to",
                                     "input",
                                     "output",
                                     "layer",
                                     "repeat",
                                     "use",
                                     "if",
                                     "in",
                                     "not",
                                     "and",
                                     "True",
                                     "split",
                                     "target",
                                     "dense",
                                     "x",
                                     "“",
                                     "→",
                                     "（",
                                     "，",
                                     "가",
                                     "\xFF",
                                     "\t",
                                     "\r",
                                     "-",
                                     "*",
                                     "/",
                                     "//",
                                     "/*",
                                     "==",
                                     "import",
                                     "model.add(",
                                     "by",
                                     "as",
                                     "every",
                                     "all",
                                     "except",
                                     "none",
                                     "@",
                                     "\\",
                                     "\u00A0",
                                     "\n}\n",
                                     "\n{\n",
                                     "use_bias=true",
                                     "\"\"\"",
                                     "--",
                                     "validation",
                                     "epochs",
                                     "metrics [a, b]",
                                     "seed 7",
                                     "\n    ",
                                     "&&",
                                     "-> 8"};

static void mutate(Buf *text)
{
    size_t n = text->n, at = draw(n + 1), length = 1 + draw(draw(4) == 0 ? 40 : 6);
    if (at + length > n) length = n - at;
    Buf out = buf_in(text->arena);
    buf_put(&out, "");
    switch (draw(5)) {
    case 0: /* delete */
        buf_put_n(&out, text->at, at);
        buf_put_n(&out, text->at + at + length, n - at - length);
        break;
    case 1: { /* swap with what follows */
        size_t next = at + length + length <= n ? length : n - at - length;
        buf_put_n(&out, text->at, at);
        buf_put_n(&out, text->at + at + length, next);
        buf_put_n(&out, text->at + at, length);
        buf_put_n(&out, text->at + at + length + next, n - at - length - next);
        break;
    }
    case 2: { /* a byte changed */
        buf_put_n(&out, text->at, n);
        if (n > 0) out.at[at < n ? at : n - 1] = (char)draw(256);
        break;
    }
    default: /* a piece put in */
        buf_put_n(&out, text->at, at);
        buf_put(&out, pieces[draw(sizeof pieces / sizeof *pieces)]);
        buf_put_n(&out, text->at + at, n - at);
        break;
    }
    *text = out;
}

/* Every span of a tree lies in the text, and a node's text in its parent's. */
static bool spans_fit(const Ast *node, size_t n)
{
    if (!node) return true;
    if (node->span.begin > node->span.end || node->span.end > n + 1) return false;
    for (size_t i = 0; i < node->items.n; i++)
        if (!node->items.at[i] || !spans_fit(node->items.at[i], n)) return false;
    for (size_t i = 0; i < node->args.n; i++)
        if (!node->args.at[i] || !spans_fit(node->args.at[i], n)) return false;
    return spans_fit(node->value, n) && spans_fit(node->extra, n) && spans_fit(node->extra2, n) && spans_fit(node->on, n) &&
           spans_fit(node->path, n);
}

static bool has_error(const Ast *node)
{
    if (!node) return false;
    if (node->type == AST_ERROR) return true;
    for (size_t i = 0; i < node->items.n; i++)
        if (has_error(node->items.at[i])) return true;
    for (size_t i = 0; i < node->args.n; i++)
        if (has_error(node->args.at[i])) return true;
    return has_error(node->value) || has_error(node->extra) || has_error(node->extra2);
}

TEST(scripts_broken_at_random)
{
    collect_all();
    for (size_t turn = 0; turn < 3000; turn++) {
        const char *path = files.at[draw(files.n)];
        size_t n = 0;
        Arena *arena = arena_new("mutation");
        const char *original = content(arena, path, &n);
        Buf text = buf_in(arena);
        buf_put_n(&text, original, n > 6000 ? 6000 : n);
        for (size_t i = 0, count = 1 + draw(5); i < count; i++) mutate(&text);
        Read r = read_text(text.at, text.n);
        bool good = r.script && r.script->type == AST_SCRIPT && spans_fit(r.script, text.n);
        /* What could not be read was reported; what was reported as fine prints and reads back. */
        good = good && (!has_error(r.script) || diags_errors(r.diags) > 0);
        said(&r);
        dump_of(&r);
        const char *printed = format_of(&r);
        if (good && diags_errors(r.diags) == 0) {
            Read again = read_script(printed);
            const char *twice = format_of(&again);
            good =
                diags_errors(again.diags) == 0 && strcmp(dump_of(&r), dump_of(&again)) == 0 && strcmp(printed, twice) == 0;
            if (!good) printf("%s", said(&again));
            arena_free(again.arena);
        }
        if (!good) printf("from %s, turn %zu:\n%s\n", path, turn, text.at);
        OK(good);
        arena_free(r.arena);
        arena_free(arena);
    }
}
