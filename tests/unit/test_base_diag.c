/* Places, widths, and the look of messages. */
#include "runtime/base/diag.h"
#include "runtime/base/json.h"

#include "tests/unit/test.h"

#include <time.h>

typedef struct {
    Arena *arena;
    Sources *sources;
    Diags *diags;
    uint32_t source;
    const char *text;
} World;

static World world(const char *path, const char *text)
{
    World w = {.arena = arena_new("test"), .text = text};
    w.sources = sources_new(w.arena);
    w.diags = diags_new(w.arena, w.sources);
    w.source = sources_add(w.sources, path, text, strlen(text));
    return w;
}

/* The k-th occurrence (from 0) of a word. */
static Span find(const World *w, const char *word, int k)
{
    const char *at = strstr(w->text, word);
    for (; k > 0; k--) {
        at = strstr(at + 1, word);
    }
    Span span = {.source = w->source, .begin = (size_t)(at - w->text), .end = (size_t)(at - w->text) + strlen(word)};
    return span;
}

static const char *shown(const World *w, int form)
{
    Buf out = buf_in(w->arena);
    DiagStyle style = {.form = form};
    diags_print(w->diags, style, &out);
    return out.at;
}

TEST(positions)
{
    World w = world("a.nnl", "\xEF\xBB\xBFone\r\n한글\xFFx\n");
    Position at = source_position(w.sources, 1, 3);
    EQ(at.line, 1);
    EQ(at.column, 1);
    EQ(at.line_end, 6);
    at = source_position(w.sources, 1, strlen(w.text) - 2); /* the x: two letters and a bad byte before it */
    EQ(at.line, 2);
    EQ(at.column, 4);
    at = source_position(w.sources, 1, 1000);
    EQ(at.line, 3);
    EQ(at.column, 1);
    arena_free(w.arena);
}

/* Columns of long lines are counted from the nearest place known: whatever was asked before, they are those of counting from the beginning. */
TEST(columns_of_long_lines)
{
    enum { LINES = 7, LETTERS = 3000, ASKED = 5000 };
    Arena *arena = arena_new("test");
    Buf text = buf_in(arena);
    size_t begins[LINES];
    for (size_t line = 0; line < LINES; line++) {
        static const char *const letters[] = {"a", "한", "é", "\xFF", "😀", "b"};
        begins[line] = text.n;
        for (size_t i = 0; i < LETTERS; i++) buf_put(&text, letters[(i * i + line) % 6]);
        buf_char(&text, '\n');
    }
    World w = world("a.nnl", text.at);
    uint64_t state = 1;
    for (size_t k = 0; k < ASKED; k++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t line = (size_t)(state >> 60) % LINES, offset = begins[line] + (size_t)(state >> 33) % LETTERS, column = 1;
        for (size_t i = begins[line]; i < offset; column++) str_code_point(w.text, text.n, &i);
        Position at = source_position(w.sources, 1, offset);
        EQ(at.line, line + 1);
        EQ(at.column, column);
    }
    arena_free(w.arena);
    arena_free(arena);
}

/* So many mistakes in one line must not cost their number times the line's length, nor their number squared. */
TEST(thousands_of_messages)
{
    enum { NAMES = 60000 };
    Arena *arena = arena_new("test");
    Buf text = buf_in(arena);
    const char **names = ARENA_ARRAY(arena, const char *, NAMES);
    for (size_t i = 0; i < NAMES; i++) {
        names[i] = arena_printf(arena, "name%05zu", i);
        buf_printf(&text, "u%05zu ", i);
    }
    World w = world("a.nnl", text.at);
    clock_t begin = clock();
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < NAMES; i++) {
            Span span = {w.source, 7 * i, 7 * i + 6};
            size_t before = diags_errors(w.diags);
            Diag *e = diag(w.diags, E0402, span, A("data", "d"), A("name", arena_text(arena, w.text + span.begin, 6)));
            diag_did_you_mean(e, span, diags_nearest(w.diags, names[i], names, NAMES));
            EQ(diags_errors(w.diags) - before, again ? 0 : 1); /* a code stands at a place once */
        }
    }
    EQ(diags_count(w.diags), NAMES);
    OK(diag_fix_count(diags_at(w.diags, 0)) == 1 && diag_fix_count(diags_at(w.diags, NAMES - 1)) == 0);
    const char *all = shown(&w, DIAG_LONG);
    OK(strstr(all, "a.nnl:1:1\n") && strstr(all, "a.nnl:1:419994\n") && strstr(all, "\n60000 errors\n"));
    OK((clock() - begin) / CLOCKS_PER_SEC < 30);
    arena_free(w.arena);
    arena_free(arena);
}

/* A list in one pair of quotes is no misspelling of a column, and looking for it keeps no other name from an answer. */
TEST(nearest_after_a_long_name)
{
    World w = world("a.nnl", "x");
    static const char *const names[] = {"kind", "red"};
    char list[20001] = "";
    memset(list, 'k', sizeof list - 1);
    OK(!diags_nearest(w.diags, list, names, 2));
    STR(diags_nearest(w.diags, "kinb", names, 2), "kind");
    arena_free(w.arena);
}

TEST(widths)
{
    EQ(display_width("abc", 3, 0), 3);
    EQ(display_width("\t", 1, 0), 4);
    EQ(display_width("\t", 1, 3), 1);
    EQ(display_width("ab\tc", 4, 0), 5);
    EQ(display_width("한글", 6, 0), 4);
    EQ(display_width("e\xCC\x81", 3, 0), 1);
    EQ(display_width("👨‍👩‍👧", strlen("👨‍👩‍👧"), 0), 2);
    EQ(display_width("🇰🇷", strlen("🇰🇷"), 0), 2);
    EQ(display_width("❤️", strlen("❤️"), 0), 2);
    EQ(display_width("\x01\xFF", 2, 0), 2);
    /* Decomposed Hangul is as wide as composed. */
    EQ(display_width("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 9, 0), 2);
}

/* The picture of the language page, under a tab and Hangul. */
TEST(the_whole_picture)
{
    World w = world("forecast.nnl", "model m {\n    h1 = x -> lstm(16)\n\t한글 = h1 -> lstm(8)\n}\n");
    Diag *e = diag(w.diags, E0901, find(&w, "lstm(8)", 0), A("file", "h1"), A("what", "it"));
    diag_primary(e, E0901_here, A("expected", "expects [time, features], got [16]"));
    diag_label(e, find(&w, "lstm(16)", 0), E0901_here, A("expected", "this lstm keeps only its last step: [16]"));
    diag_note(e, E0900_note);
    Fix *f = diag_fix(e, E0901_here, A("expected", "keep every step in the layer before it"));
    diag_edit(f, span_after(find(&w, "lstm(16", 0)), ", return_sequences=true");
    diag_did_you_mean(e, find(&w, "한글", 0), "h2");
    STR(shown(&w, DIAG_LONG), "error[E0901]: `h1` is not valid JSON: it\n"
                              "  --> forecast.nnl:3:13\n"
                              "   |\n"
                              " 2 |     h1 = x -> lstm(16)\n"
                              "   |               -------- this lstm keeps only its last step: [16]\n"
                              " 3 |     한글 = h1 -> lstm(8)\n"
                              "   |                  ^^^^^^^ expects [time, features], got [16]\n"
                              "   |\n"
                              "note: nothing was run\n"
                              "help: keep every step in the layer before it\n"
                              "   |\n"
                              " 2 |     h1 = x -> lstm(16, return_sequences=true)\n"
                              "   |                      +++++++++++++++++++++++\n"
                              "   |\n"
                              "help: did you mean `h2`?\n"
                              "   |\n"
                              " 3 |     h2 = h1 -> lstm(8)\n"
                              "   |     ~~\n");
    STR(shown(&w, DIAG_LONG), ""); /* printed once */
    arena_free(w.arena);
}

TEST(several_marks_in_a_line)
{
    World w = world("a.nnl", "add(a, b, c)\n");
    Diag *e = diag(w.diags, E0900, find(&w, "b", 0), A("what", "this"));
    diag_primary(e, E0901_here, A("expected", "second"));
    diag_label(e, find(&w, "a,", 0), E0901_here, A("expected", "first"));
    diag_label(e, find(&w, "c", 0), E0901_here, A("expected", "third"));
    diag_label(e, find(&w, "add", 0), E0901_here, A("expected", "all"));
    STR(shown(&w, DIAG_LONG), "error[E0900]: this is understood, but this version does not carry it out yet\n"
                              "  --> a.nnl:1:8\n"
                              "   |\n"
                              " 1 | add(a, b, c)\n"
                              "   | --- -- ^  - third\n"
                              "   | |   |  |\n"
                              "   | |   |  second\n"
                              "   | |   first\n"
                              "   | all\n");
    arena_free(w.arena);
}

TEST(places_over_lines_and_files)
{
    World w = world("a.nnl", "model m {\n    dense(1)\n    dense(2)\n}\n");
    const char *csv = "a,b\n1,2\n\"x\ty\",z\n";
    uint32_t table = sources_add(w.sources, "data.csv", csv, strlen(csv));
    Span whole = {.source = 1, .begin = 0, .end = strlen(w.text)};
    Diag *e = diag(w.diags, E0900, whole, A("what", "it"));
    diag_primary(e, E0900_found);
    Span cell = {.source = table, .begin = 8, .end = 13};
    diag_label(e, cell, E0901_here, A("expected", "from here"));
    Span empty = {.source = 1, .begin = strlen(w.text), .end = strlen(w.text)};
    diag(w.diags, E0900, empty, A("what", "the end"));
    STR(shown(&w, DIAG_LONG), "error[E0900]: it is understood, but this version does not carry it out yet\n"
                              "  --> a.nnl:1:1\n"
                              "   |\n"
                              " 1 | model m {\n"
                              "   | ^^^^^^^^^\n"
                              "...\n"
                              " 4 | }\n"
                              "   | ^ not carried out yet\n"
                              "   |\n"
                              "  ::: data.csv:3:1\n"
                              "   |\n"
                              " 3 | \"x  y\",z\n"
                              "   | ------ from here\n"
                              "\n"
                              "error[E0900]: the end is understood, but this version does not carry it out yet\n"
                              "  --> a.nnl:5:1\n"
                              "   |\n"
                              " 5 |\n"
                              "   | ^\n"
                              "\n"
                              "2 errors\n");
    arena_free(w.arena);
}

TEST(edits_that_remove_and_add_lines)
{
    World w = world("a.nnl", "seed 1\nseed 2\nmodel m {\n}");
    Diag *e = diag(w.diags, E0900, find(&w, "seed", 1), A("what", "it"));
    Fix *f = diag_fix(e, E0901_here, A("expected", "leave one out and add a layer"));
    diag_edit(f, find(&w, "seed 2\n", 0), "");
    diag_edit(f, span_after(find(&w, "{", 0)), "\n    dense(1)");
    STR(shown(&w, DIAG_LONG), "error[E0900]: it is understood, but this version does not carry it out yet\n"
                              "  --> a.nnl:2:1\n"
                              "   |\n"
                              " 2 | seed 2\n"
                              "   | ^^^^\n"
                              "   |\n"
                              "help: leave one out and add a layer\n"
                              "   |\n"
                              " 2 | seed 2\n"
                              "   | ------\n"
                              " 2 | model m {\n"
                              " 3 |     dense(1)\n"
                              "   | ++++++++++++\n");
    arena_free(w.arena);
}

TEST(long_lines_are_cut)
{
    char line[2001];
    memset(line, 'x', 2000);
    memcpy(line + 1000, "HERE", 4);
    line[2000] = '\0';
    World w = world("a.nnl", line);
    Diag *e = diag(w.diags, E0900, find(&w, "HERE", 0), A("what", "it"));
    diag_primary(e, E0900_found);
    const char *text = shown(&w, DIAG_LONG);
    OK(strstr(text, " 1 | …xxx") != NULL);
    OK(strstr(text, "xHEREx") != NULL);
    OK(strstr(text, "^^^^ not carried out yet") != NULL);
    OK(strlen(text) < 500);
    /* The marks stand under the word. */
    const char *first = strstr(text, " 1 | "), *second = strstr(first, "\n   | ");
    size_t word = display_width(first, (size_t)(strstr(first, "HERE") - first), 0);
    EQ(strstr(second, "^") - second - 1, word);
    arena_free(w.arena);
}

TEST(long_words_are_cut_in_the_middle)
{
    char word[10001];
    memset(word, 'x', 10000);
    memcpy(word, "begin", 5);
    memcpy(word + 9997, "end", 4);
    World w = world("a.nnl", "model m\n");
    Diag *e = diag(w.diags, E0900, find(&w, "model", 0), A("what", word));
    OK(str_starts(diag_message(e), "beginxxx"));
    const char *dots = strstr(diag_message(e), "…");
    OK(dots && strstr(dots, "xend is understood") != NULL);
    OK(strlen(diag_message(e)) < 250);
    /* A sentence is told whole. */
    memset(word, 'y', 200);
    memset(word + 100, ' ', 1);
    word[200] = '\0';
    OK(strstr(diag_message(diag(w.diags, E0900, find(&w, "m\n", 0), A("what", word))), "…") == NULL);
    arena_free(w.arena);
}

TEST(huge_lines_are_cut_quickly)
{
    enum { SIZE = 20 << 20 };
    Arena *arena = arena_new("test");
    char *text = arena_alloc(arena, SIZE + 1);
    for (size_t i = 0; i < SIZE; i += 2) {
        memcpy(text + i, "é", 2);
    }
    memcpy(text + SIZE / 2, "HERE", 4);
    World w = world("a.bin", text);
    Diag *e = diag(w.diags, E0900, find(&w, "HERE", 0), A("what", "it"));
    diag_primary(e, E0900_found);
    const char *shown_text = shown(&w, DIAG_LONG);
    OK(strstr(shown_text, " 1 | …é") != NULL);
    OK(strstr(shown_text, "éHEREé") != NULL);
    OK(strlen(shown_text) < 800);
    arena_free(w.arena);
    arena_free(arena);
}

TEST(hostile_text_is_made_visible)
{
    World w = world("a.nnl", "x \033[31m y\xE2\x80\xAE\n");
    diag(w.diags, E0900, find(&w, "y", 0), A("what", "a\nb\033"));
    const char *text = shown(&w, DIAG_LONG);
    OK(strchr(text, '\033') == NULL);
    OK(strstr(text, "a␊b␛") != NULL);
    OK(strstr(text, "x ␛[31m y") != NULL);
    OK(strstr(text, "\xE2\x80\xAE") == NULL);
    arena_free(w.arena);
}

TEST(order_repetition_and_counts)
{
    World w = world("a.nnl", "one two three\n");
    diag(w.diags, E0900, find(&w, "two", 0), A("what", "two"));
    diag(w.diags, E0900, find(&w, "one", 0), A("what", "one"));
    diag(w.diags, E0900, find(&w, "two", 0), A("what", "two again"));
    diag(w.diags, E0910, NO_SPAN, A("name", "a"));
    diag(w.diags, E0910, NO_SPAN, A("name", "b"));
    EQ(diags_errors(w.diags), 4);
    EQ(diags_count(w.diags), 4);
    EQ(diags_exit_code(w.diags), 1);
    STR(shown(&w, DIAG_SHORT), "a.nnl:1:1: error[E0900]: one is understood, but this version does not carry it out yet\n"
                               "a.nnl:1:5: error[E0900]: two is understood, but this version does not carry it out yet\n"
                               "error[E0910]: there is no command `a`\n"
                               "error[E0910]: there is no command `b`\n");
    EQ(diag_code_find("e0900"), E0900);
    EQ(diag_code_find("E9999"), DIAG_NONE);
    STR(diag_code_name(E0900), "E0900");
    arena_free(w.arena);
}

TEST(faults_of_files_end_with_3)
{
    World w = world("a.nnl", "data d from \"data.csv\"\n");
    uint32_t table = sources_add(w.sources, "data.csv", "a,b\n", 4);
    Span cell = {.source = table, .begin = 0, .end = 1};
    EQ(diags_exit_code(w.diags), 0);
    diag(w.diags, E0900, cell, A("what", "it"));
    EQ(diags_exit_code(w.diags), 3);
    diag_file_fault(diag(w.diags, E0900, find(&w, "\"data.csv\"", 0), A("what", "it")));
    EQ(diags_exit_code(w.diags), 3);
    diag(w.diags, E0900, find(&w, "d from", 0), A("what", "it"));
    EQ(diags_exit_code(w.diags), 1);
    arena_free(w.arena);
}

TEST(json_form)
{
    World w = world("a.nnl", "한 = lstm(8)\n");
    Diag *e = diag(w.diags, E0900, find(&w, "lstm", 0), A("what", "`lstm`"));
    Fix *f = diag_fix(e, E0901_here, A("expected", "say \"gru\""));
    diag_edit(f, find(&w, "lstm", 0), "gru");
    diag_edit(f, span_after(find(&w, "lstm(8)", 0)), "\n");
    STR(shown(&w, DIAG_JSON),
        "{\"severity\":\"error\",\"code\":\"E0900\",\"message\":\"`lstm` is understood, but this version does not carry it "
        "out yet\","
        "\"file\":\"a.nnl\",\"line\":1,\"column\":5,\"end_line\":1,\"end_column\":9,\"labels\":[],\"notes\":[],"
        "\"fixes\":[{\"text\":\"say \\\"gru\\\"\",\"edits\":["
        "{\"file\":\"a.nnl\",\"line\":1,\"column\":5,\"end_line\":1,\"end_column\":9,\"replace\":\"gru\"},"
        "{\"file\":\"a.nnl\",\"line\":1,\"column\":12,\"end_line\":1,\"end_column\":12,\"replace\":\"\\n\"}]}]}\n");
    arena_free(w.arena);
}

TEST(colour_comes_only_when_asked)
{
    World w = world("a.nnl", "x\n");
    diag(w.diags, E0900, find(&w, "x", 0), A("what", "it"));
    Buf out = buf_in(w.arena);
    DiagStyle style = {.form = DIAG_LONG, .colour = true};
    diags_print(w.diags, style, &out);
    OK(str_starts(out.at, "\033[1;31merror[E0900]\033[0m"));
    arena_free(w.arena);
}
