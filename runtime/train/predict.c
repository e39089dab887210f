/* Predictions as a table; see predict.h. */
#include "runtime/train/predict.h"

struct PredictColumn {
    size_t output, target, column;
    const char *const *labels; /* NULL: a number */
    size_t n_labels;
    double *values;            /* n × n_labels probabilities, or n × width numbers */
    size_t width;
};

static size_t list_answers(const PredictRun *run, const Answers *answers, PredictColumn **list)
{
    Arena *arena = run->arena;
    VEC(PredictColumn) all = {0};
    for (size_t k = 0; k < run->config->n_outputs; k++) {
        size_t t = run->config->outputs[k].target;
        const RecipeTarget *target = &run->data->recipe->targets[t];
        bool classes = output_is_classes(run->model, run->config, run->data, k);
        size_t n_columns = target->classes ? 1 : answers->sizes[k];
        double *numbers = NULL;
        if (!classes) {
            numbers = ARENA_ARRAY(arena, double, memory_product(n_columns, answers->n + 1));
            dataset_target_undo(run->data, t, run->samples.samples, answers->values[k], answers->n, numbers);
        }
        for (size_t column = 0; column < n_columns; column++) {
            PredictColumn answer = {.output = k, .target = t, .column = column, .values = numbers, .width = n_columns};
            if (classes) {
                answer.labels = target_labels(arena, run->data, t, &answer.n_labels);
                answer.values = ARENA_ARRAY(arena, double, memory_product(answer.n_labels, answers->n + 1));
                answer_probabilities(run->data, t, answers, k, column, answer.values);
            }
            VEC_PUSH(arena, all, answer);
        }
    }
    *list = all.at;
    return all.n;
}

static const char *column_name(const PredictRun *run, const PredictColumn *answer)
{
    return dataset_target_name(run->data, run->arena, answer->target, answer->column);
}

typedef VEC(const char *) NameList;

/* The columns of the table, then those that are added. Two columns of one name could not be read again: the table's own gives way. */
static void list_columns(const PredictRun *run, Predictions *p, const NameList *added)
{
    const Table *source = run->data->source;
    size_t *own = ARENA_ARRAY(run->arena, size_t, source->n_columns + 1), n_left = 0;
    const char **left = ARENA_ARRAY(run->arena, const char *, source->n_columns + 1);
    p->header = ARENA_ARRAY(run->arena, const char *, source->n_columns + added->n + 1);
    for (size_t c = 0; c < source->n_columns; c++) {
        const char *name = source->columns[c].name;
        bool kept = true;
        for (size_t i = 0; i < added->n && kept; i++) kept = !str_eq(added->at[i], name);
        if (!kept) {
            left[n_left++] = name;
            continue;
        }
        own[p->n_own] = c;
        p->header[p->n_own++] = name;
    }
    p->own = own;
    p->n_columns = p->n_own;
    for (size_t i = 0; i < added->n; i++) p->header[p->n_columns++] = added->at[i];
    if (!n_left) return;
    Diag *w = diag(run->diags, W0871, run->span, A("columns", str_join(run->arena, left, n_left, true)), AI("n", n_left));
    diag_fix(w, W0871_help);
}

bool predict_samples(const PredictRun *run, Predictions *p)
{
    *p = (Predictions){.n_rows = run->samples.n, .run = run};
    if (!answer_samples(run->arena, run->model, run->config, run->data, run->samples, run->par, &p->answers, run->diags)) return false;
    PredictColumn *answers;
    size_t n = list_answers(run, &p->answers, &answers);
    NameList added = {0};
    if (run->with_part) VEC_PUSH(run->arena, added, "part");
    size_t n_classes = 0;
    for (size_t a = 0; a < n; a++) n_classes += answers[a].labels != NULL;
    for (size_t a = 0; a < n; a++) {
        const char *name = column_name(run, &answers[a]);
        VEC_PUSH(run->arena, added, arena_printf(run->arena, "predicted_%s", name));
        /* Several answers may have the same labels. */
        const char *of = n_classes > 1 ? arena_printf(run->arena, "%s_", name) : "";
        for (size_t l = 0; l < answers[a].n_labels; l++)
            VEC_PUSH(run->arena, added, arena_printf(run->arena, "probability_%s%s", of, answers[a].labels[l]));
    }
    list_columns(run, p, &added);
    p->list = answers;
    p->n_list = n;
    return true;
}

static size_t likeliest(const double *p, size_t n)
{
    if (n == 2) return p[1] > 0.5;
    size_t best = 0;
    for (size_t c = 1; c < n; c++)
        if (p[c] > p[best]) best = c;
    return best;
}

const char **predict_row(const Predictions *p, size_t row, Arena *arena)
{
    const PredictRun *run = p->run;
    const Table *source = run->data->source;
    const char **cells = ARENA_ARRAY(arena, const char *, p->n_columns);
    uint32_t sample = run->samples.samples[row];
    size_t n = 0, at = dataset_source_row(run->data, sample);
    for (size_t c = 0; c < p->n_own; c++) cells[n++] = at == NO_ROW ? "" : table_cell_text(arena, source, at, p->own[c]);
    if (run->with_part) cells[n++] = part_name(dataset_sample_part(run->data, sample));
    const PredictColumn *answers = p->list;
    for (size_t a = 0; a < p->n_list; a++) {
        const PredictColumn *answer = &answers[a];
        if (!answer->labels) {
            cells[n++] = str_float(arena, (float)answer->values[row * answer->width + answer->column]);
            continue;
        }
        const double *probability = answer->values + row * answer->n_labels;
        cells[n++] = answer->labels[likeliest(probability, answer->n_labels)];
        for (size_t l = 0; l < answer->n_labels; l++) cells[n++] = str_float(arena, (float)probability[l]);
    }
    return cells;
}

void predict_csv(const Predictions *p, FILE *file)
{
    Arena *arena = arena_new("prediction");
    Buf line = buf_in(arena);
    table_put_line(&line, p->header, p->n_columns, file);
    for (size_t row = 0; row < p->n_rows; row++) {
        Arena *cells = arena_new("row");
        table_put_line(&line, predict_row(p, row, cells), p->n_columns, file);
        arena_free(cells);
    }
    arena_free(arena);
}
