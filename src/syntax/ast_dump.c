/* The tree as text (`--dump=ast`): one node a line, indented by depth, empty fields left out. */
#include "src/syntax/ast.h"

#include <string.h>

static const char *const names[AST_TYPE_COUNT] = {
    [AST_ERROR] = "error",
    [AST_SCRIPT] = "script",
    [AST_USE] = "use",
    [AST_PARAM] = "param",
    [AST_SEED] = "seed",
    [AST_ALLOW] = "allow",
    [AST_DATA] = "data",
    [AST_DATA_FROM_DATA] = "data_from_data",
    [AST_MODEL] = "model",
    [AST_BLOCK] = "block",
    [AST_TRAIN] = "train",
    [AST_EVALUATE] = "evaluate",
    [AST_CROSS_VALIDATE] = "cross_validate",
    [AST_PREDICT] = "predict",
    [AST_FORECAST] = "forecast",
    [AST_SAVE] = "save",
    [AST_SHOW] = "show",
    [AST_SUMMARY] = "summary",
    [AST_PLOT] = "plot",
    [AST_REPORT] = "report",
    [AST_INPUT] = "input",
    [AST_OUTPUT] = "output",
    [AST_WIRE] = "wire",
    [AST_LAYER] = "layer",
    [AST_LINE] = "line",
    [AST_REPEAT] = "repeat",
    [AST_WEIGHTS_FROM] = "weights_from",
    [AST_FREEZE] = "freeze",
    [AST_UNFREEZE] = "unfreeze",
    [AST_CHAIN] = "chain",
    [AST_CLAUSE_ORDER] = "clause_order",
    [AST_EVERY] = "every",
    [AST_CLAUSE_GROUP] = "clause_group",
    [AST_CLAUSE_FEATURES] = "clause_features",
    [AST_CLAUSE_KNOWN] = "clause_known",
    [AST_CLAUSE_TARGET] = "clause_target",
    [AST_CLAUSE_ENCODE] = "clause_encode",
    [AST_CLAUSE_SCALE] = "clause_scale",
    [AST_CLAUSE_FILL] = "clause_fill",
    [AST_CLAUSE_DROP] = "clause_drop",
    [AST_CLAUSE_WINDOW] = "clause_window",
    [AST_CLAUSE_SPLIT] = "clause_split",
    [AST_CLAUSE_SPLIT_BY] = "clause_split_by",
    [AST_SHARE] = "share",
    [AST_CLAUSE_PART_FROM] = "clause_part_from",
    [AST_CLAUSE_WEIGHT] = "clause_weight",
    [AST_CLAUSE_HEADER] = "clause_header",
    [AST_CLAUSE_DELIMITER] = "clause_delimiter",
    [AST_CLAUSE_COMMENT] = "clause_comment",
    [AST_CLAUSE_ENCODING] = "clause_encoding",
    [AST_CLAUSE_MISSING] = "clause_missing",
    [AST_CLAUSE_NUMBER] = "clause_number",
    [AST_CLAUSE_DATE] = "clause_date",
    [AST_DATE_PART] = "date_part",
    [AST_CLAUSE_RENAME] = "clause_rename",
    [AST_CLAUSE_JOIN] = "clause_join",
    [AST_CLAUSE_DERIVE] = "clause_derive",
    [AST_CLAUSE_REPLACE] = "clause_replace",
    [AST_PAIR] = "pair",
    [AST_CLAUSE_WHERE] = "clause_where",
    [AST_CLAUSE_TAKE] = "clause_take",
    [AST_CLAUSE_EPOCHS] = "clause_epochs",
    [AST_CLAUSE_BATCH] = "clause_batch",
    [AST_CLAUSE_OPTIMIZER] = "clause_optimizer",
    [AST_CLAUSE_LOSS] = "clause_loss",
    [AST_CLAUSE_METRICS] = "clause_metrics",
    [AST_CLAUSE_LOSS_WEIGHTS] = "clause_loss_weights",
    [AST_CLAUSE_CLASS_WEIGHT] = "clause_class_weight",
    [AST_CLAUSE_SHUFFLE] = "clause_shuffle",
    [AST_CLAUSE_CALLBACK] = "clause_callback",
    [AST_CLAUSE_UNKNOWN] = "clause_unknown",
    [AST_ON] = "on",
    [AST_ALL] = "all",
    [AST_NUMBERS] = "numbers",
    [AST_TEXTS] = "texts",
    [AST_NAME] = "name",
    [AST_NUMBER] = "number",
    [AST_PERCENT] = "percent",
    [AST_TEXT] = "text",
    [AST_TRUE] = "true",
    [AST_FALSE] = "false",
    [AST_NONE] = "none",
    [AST_LIST] = "list",
    [AST_CALL] = "call",
    [AST_ARG] = "arg",
    [AST_UNARY] = "unary",
    [AST_BINARY] = "binary",
    [AST_IN] = "in",
    [AST_IF] = "if",
    [AST_RANGE] = "range",
};

static void put_quoted(Buf *out, const char *text)
{
    buf_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') buf_char(out, '\\');
        if (*text == '\n')
            buf_put(out, "\\n");
        else
            buf_char(out, *text);
    }
    buf_char(out, '"');
}

static void field(Buf *out, const char *name, const char *text)
{
    if (!text) return;
    buf_printf(out, " %s=", name);
    put_quoted(out, text);
}

static void dump(const Ast *node, const char *role, int depth, bool spans, Buf *out);

static void dump_list(const AstList *list, const char *role, int depth, bool spans, Buf *out)
{
    for (size_t i = 0; i < list->n; i++) dump(list->at[i], role, depth, spans, out);
}

static void dump(const Ast *node, const char *role, int depth, bool spans, Buf *out)
{
    if (!node) return;
    for (int i = 0; i < depth; i++) buf_put(out, "  ");
    if (role) buf_printf(out, "%s: ", role);
    buf_put(out, names[node->type]);
    field(out, "name", node->name);
    field(out, "word", node->word);
    field(out, "word2", node->word2);
    field(out, "text", node->text);
    if (node->flag) buf_put(out, " flag");
    if (spans) buf_printf(out, " [%zu,%zu)", node->span.begin, node->span.end);
    buf_char(out, '\n');
    dump(node->value, "value", depth + 1, spans, out);
    dump(node->extra, "extra", depth + 1, spans, out);
    dump(node->extra2, "extra2", depth + 1, spans, out);
    dump(node->on, "on", depth + 1, spans, out);
    dump(node->path, "path", depth + 1, spans, out);
    dump_list(&node->args, "arg", depth + 1, spans, out);
    dump_list(&node->items, NULL, depth + 1, spans, out);
}

void ast_dump(const Ast *script, bool spans, Buf *out)
{
    dump(script, NULL, 0, spans, out);
}
