/* The registry: what every record must say, lookups, defaults, reading and printing of arguments, foreign and waiting words. */
#include "tests/unit/harness.h"
#include "tests/unit/test.h"

/* ---- Every record -------------------------------------------------------------------------------------------------- */

static bool snake_case(const char *name)
{
    if (!islower((unsigned char)name[0])) return false;
    for (; *name; name++)
        if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) && *name != '_') return false;
    return true;
}

static void check_record(Arena *arena, const Kind *kind, Family family)
{
    int before = test_failures;
    OK(kind->family == family);
    OK(snake_case(kind->name));
    OK(kind->help && kind->help[0]);
    OK(kind_find(family, kind->name) == kind);
    bool hidden = family == FAMILY_LAYER && ((const LayerKind *)kind)->hidden;
    OK(hidden || family == FAMILY_TRANSFORM || family == FAMILY_BASELINE || kind->example);
    OK(!kind->args || !kind->args[0].name || kind->args_size > 0);
    void *args = kind_defaults(arena, kind);
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++) {
        OK(snake_case(spec->name));
        OK(spec->help && spec->help[0]);
        OK(spec->offset < kind->args_size);
        OK(spec->type != ARG_WORD || spec->words);
        for (const ArgSpec *other = kind->args; other < spec; other++) OK(!str_eq(other->name, spec->name));
    }
    Buf text = buf_in(arena);
    kind_print_args(kind, args, &text);
    bool all_default = true;
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++) all_default &= !spec->required;
    if (all_default) STR(text.at, "");
    if (test_failures > before) printf("  ^ %s `%s`\n", kind_family_name(family), kind->name);
}

TEST(every_record)
{
    Arena *arena = arena_new("test");
    for (int family = 0; family < FAMILY_COUNT; family++) {
        size_t n;
        const Kind *const *kinds = kind_list((Family)family, &n);
        for (size_t i = 0; i < n; i++) {
            check_record(arena, kinds[i], (Family)family);
            if (i > 0) OK(strcmp(kinds[i - 1]->name, kinds[i]->name) < 0); /* lists stand in alphabetical order */
        }
    }
    arena_free(arena);
}

TEST(layer_records)
{
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_LAYER, &n);
    for (size_t i = 0; i < n; i++) {
        const LayerKind *kind = (const LayerKind *)kinds[i];
        int before = test_failures;
        OK(kind->infer != NULL);
        OK(kind->is_view || kind->expand || (kind->forward && kind->backward));
        OK(kind->mask != MASK_HOOK || kind->mask_out);
        OK(!kind->inner == !kind->expand);
        OK(kind->hidden || kind->kind.keras);
        if (test_failures > before) printf("  ^ %s\n", kind->kind.name);
    }
}

/* Arguments of the cases read, print and read back to the same text. */
TEST(arguments_print_back)
{
    size_t n;
    const Kind *const *kinds = kind_list(FAMILY_LAYER, &n);
    for (size_t i = 0; i < n; i++)
        for (const LayerCase *plan = ((const LayerKind *)kinds[i])->cases; plan && plan->args; plan++) {
            Rig *rig = rig_new();
            Layer *layer = rig_layer_of(rig, (const LayerKind *)kinds[i], plan->args);
            OK(layer != NULL);
            if (!layer) continue;
            Buf first = buf_in(rig->arena), second = buf_in(rig->arena);
            kind_print_args(kinds[i], layer->args, &first);
            Layer *again = rig_layer_of(rig, (const LayerKind *)kinds[i], first.at);
            OK(again != NULL);
            if (again) kind_print_args(kinds[i], again->args, &second);
            STR(second.at, first.at);
            rig_free(rig);
        }
}

static const char *printed(Rig *rig, const char *kind, const char *args)
{
    Layer *layer = rig_layer(rig, kind, args);
    if (!layer) return NULL;
    Buf text = buf_in(rig->arena);
    kind_print_args(&layer->kind->kind, layer->args, &text);
    return text.at;
}

TEST(printing)
{
    Rig *rig = rig_new();
    STR(printed(rig, "dense", "64, relu, use_bias=false"), "64, relu, use_bias=false");
    STR(printed(rig, "dense", "units=64, activation=linear"), "64");
    STR(printed(rig, "dense", "8, kernel_regularizer=l1_l2(l2=0.5), bias_initializer=constant(0.1)"),
        "8, bias_initializer=constant(0.1), kernel_regularizer=l1_l2(l2=0.5)");
    STR(printed(rig, "dense", "8, kernel_initializer=variance_scaling(2, fan_out)"), "8, kernel_initializer=variance_scaling(2, fan_out)");
    STR(printed(rig, "dense", "8, none"), "8, none");
    STR(printed(rig, "dropout", "0.3, noise_shape=[none, 1, 4], seed=7"), "0.3, [none, 1, 4], 7");
    STR(printed(rig, "reshape", "[3, -1]"), "[3, -1]");
    STR(printed(rig, "time_distributed", "dense(3, tanh)"), "dense(3, tanh)");
    rig_free(rig);
}

TEST(refusals)
{
    Rig *rig = rig_new();
    static const char *const wrong[][2] = {
        {"dense", "0"},           {"dense", "2.5"},          {"dense", "relu"},        {"dense", "8, nosuch"},     {"dense", "8, relu, 3"},
        {"dense", "8, units=none"}, {"dropout", "1.5"},      {"dropout", "-0.1"},      {"reshape", "[1,1,1,1,1,1,1]"}, {"dense", "8, leaky_relu(0.1)"},
        {"dense", "8, kernel_initializer=l2"}, {"dense", "8, kernel_regularizer=l2(-1)"}, {"dense", "8, nosuch=1"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Layer *layer = rig_layer(rig, wrong[i][0], wrong[i][1]);
        if (layer) printf("  ^ %s(%s)\n", wrong[i][0], wrong[i][1]);
        OK(layer == NULL);
    }
    OK(rig_layer(rig, "dropout", "1") != NULL); /* bounds belong to the range */
    OK(rig_layer(rig, "dropout", "0") != NULL);
    rig_free(rig);
}

/* ---- Lookups ------------------------------------------------------------------------------------------------------- */

TEST(lookups)
{
    OK(kind_find(FAMILY_LAYER, "dense") == kind_find_keras(FAMILY_LAYER, "Dense"));
    OK(kind_find(FAMILY_LAYER, "nosuch") == NULL);
    OK(kind_find(FAMILY_LAYER, "Dense") == NULL);
    OK(kind_find(FAMILY_ACTIVATION, "relu") != kind_find(FAMILY_LAYER, "relu"));
    OK(kind_find(FAMILY_INITIALIZER, "uniform") == kind_find(FAMILY_INITIALIZER, "random_uniform"));
    EQ(kind_arg_index(kind_find(FAMILY_LAYER, "dense"), "use_bias"), 2);
    EQ(kind_arg_index(kind_find(FAMILY_LAYER, "dense"), "rate"), -1);
    EQ(kind_arg_index(kind_find(FAMILY_LAYER, "flatten"), "rate"), -1);
}

TEST(nearest)
{
    STR(kind_nearest(FAMILY_LAYER, "densee"), "dense");
    STR(kind_nearest(FAMILY_LAYER, "Dense"), "dense");
    STR(kind_nearest(FAMILY_LAYER, "Linear"), "dense");
    STR(kind_nearest(FAMILY_LAYER, "은닉층"), "dense");
    STR(kind_nearest(FAMILY_LAYER, "드롭아웃"), "dropout");
    STR(kind_nearest(FAMILY_LAYER, "lstm_cell"), "lstm");
    STR(kind_nearest(FAMILY_LAYER, "LSTMCell"), "lstm");
    STR(kind_nearest(FAMILY_LAYER, "LSTM"), "lstm");
    STR(kind_nearest(FAMILY_LAYER, "BatchNorm1d"), "batch_normalization");
    STR(kind_nearest(FAMILY_LAYER, "BatchNormalization"), "batch_normalization");
    STR(kind_nearest(FAMILY_LAYER, "time_distributd"), "time_distributed");
    STR(kind_nearest(FAMILY_LAYER, "fold_step"), NULL); /* hidden kinds are never offered */
    STR(kind_nearest(FAMILY_LAYER, "qwertz"), NULL);
    STR(kind_nearest(FAMILY_ACTIVATION, "ReLU"), "relu");
    STR(kind_nearest(FAMILY_INITIALIZER, "xavier_uniform"), "glorot_uniform");
    STR(kind_nearest(FAMILY_LOSS, "BCELoss"), "binary_crossentropy");
    STR(kind_nearest(FAMILY_LOSS, "CrossEntropyLoss"), "categorical_crossentropy");
    STR(kind_nearest(FAMILY_OPTIMIZER, "Adam"), "adam");
    const Kind *dense = kind_find(FAMILY_LAYER, "dense"), *dropout = kind_find(FAMILY_LAYER, "dropout");
    STR(kind_arg_nearest(dense, "hidden_size"), "units");
    STR(kind_arg_nearest(dense, "out_features"), "units");
    STR(kind_arg_nearest(dense, "use_bais"), "use_bias");
    STR(kind_arg_nearest(dropout, "p"), "rate");
    STR(kind_arg_nearest(dense, "p"), NULL); /* dense has no rate */
    STR(word_foreign(WORD_DATA_CLAUSE, "lookback"), "window");
    STR(word_foreign(WORD_DATA_CLAUSE, "val_split"), "split");
    STR(word_foreign(WORD_LOG, "val_acc"), "val_accuracy");
    STR(word_foreign(WORD_TRAIN_CLAUSE, "n_epochs"), "epochs");
    STR(word_foreign(WORD_TRAIN_CLAUSE, "bs"), "batch");
}

/* Every word of ours in the table of foreign words is one: a kind, one that waits, or an argument of some kind. */
TEST(foreign_words_lead_somewhere)
{
    static const struct {
        int place;
        const char *name, *ours;
    } all[] = {
#define FOREIGN(place, name, ours) {(place), (name), (ours)},
#include "runtime/kinds/foreign.def"
#undef FOREIGN
    };
    size_t n = sizeof all / sizeof *all;
    OK(n >= 80);
    for (size_t i = 0; i < n; i++) {
        bool known = true;
        if (all[i].place < FAMILY_COUNT) {
            Family family = (Family)all[i].place;
            known = kind_find(family, all[i].ours) || kind_waiting(family, all[i].ours);
            if (family == FAMILY_LAYER) known = known || kind_find(FAMILY_ACTIVATION, all[i].ours) || kind_waiting(FAMILY_ACTIVATION, all[i].ours);
            if (kind_find(family, all[i].name)) printf("  ^ `%s` is a word of ours\n", all[i].name);
            OK(!kind_find(family, all[i].name));
        } else if (all[i].place == WORD_ARGUMENT) {
            known = false;
            for (int family = 0; family < FAMILY_COUNT && !known; family++) {
                size_t n_kinds;
                const Kind *const *kinds = kind_list((Family)family, &n_kinds);
                for (size_t k = 0; k < n_kinds; k++) known |= kind_arg_index(kinds[k], all[i].ours) >= 0;
            }
        }
        if (!known) printf("  ^ `%s` → `%s`\n", all[i].name, all[i].ours);
        OK(known);
    }
}

TEST(waiting_words_wait)
{
    static const struct {
        int place;
        const char *name, *keras;
    } all[] = {
#define WAITING(place, name, keras) {(place), (name), (keras)},
#include "runtime/kinds/waiting.def"
#undef WAITING
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        OK(word_waiting(all[i].place, all[i].name));
        if (all[i].place >= FAMILY_COUNT) continue;
        if (kind_find((Family)all[i].place, all[i].name)) printf("  ^ `%s` is built: its line in waiting.def goes\n", all[i].name);
        OK(!kind_find((Family)all[i].place, all[i].name));
        if (all[i].keras) OK(!kind_find_keras((Family)all[i].place, all[i].keras));
    }
    OK(!kind_waiting(FAMILY_LAYER, "dense"));
    OK(!kind_waiting(FAMILY_LAYER, NULL));
}
