# make            the release binary build/nnl
# make demo       set-up, then the example scripts on their real tables
# make test       set-up, then the whole test suite
# make test-long  sanitizers, failure injection, exhaustive sweeps
# make bench      speed beside PyTorch and pandas
# make install    PREFIX (/usr/local) and DESTDIR are honoured
# DEV=1 turns warnings into errors, SAN=1 builds with the address and undefined sanitizers, CC=clang-14 is supported, V=1 shows
# the commands.

PREFIX ?= /usr/local
DESTDIR ?=

FLAVOUR := $(if $(FUZZ),fuzz,$(if $(SAN),san,$(if $(DEV),dev,release)))
ifneq ($(origin CC),default)
  ifneq ($(notdir $(CC)),gcc)
    FLAVOUR := $(FLAVOUR)-$(notdir $(CC))
  endif
else
  CC := gcc
endif
OBJ := build/$(FLAVOUR)
BIN := $(if $(filter release,$(FLAVOUR)),build/nnl,$(OBJ)/nnl)

# A command is shown by its short name, or in full with V=1.
say = @$(if $(V),:,echo '  $(1)')
Q := $(if $(V),,@)

ARCH := $(shell uname -m)
CSTD := -std=c17 -D_GNU_SOURCE -I. -I$(OBJ) -ffp-contract=off -pthread -include runtime/base/banned.h
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wwrite-strings
STRICT := -Wconversion -Wdouble-promotion -Wswitch-enum
OPT := -O2 -g
ifdef DEV
  STRICT += -Werror
  OPT := -O1 -g -DNNL_DEBUG
  BISON_STRICT := -Werror
endif
ifdef SAN
  OPT := -O1 -g -DNNL_DEBUG -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif
ifdef FUZZ
  OPT := -O1 -g -DNNL_DEBUG -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
endif
CFLAGS ?=
ALL_CFLAGS = $(CSTD) $(OPT) $(WARN) $(STRICT) $(CFLAGS)
LIBS := -lzip -lz -lutf8proc -lm -ldl -pthread

RUNTIME_SRC := $(sort $(shell find runtime -name '*.c' -not -path 'runtime/tensor/kernels/*'))
KERNEL_SRC := $(sort $(wildcard runtime/tensor/kernels/*.c))
LANG_SRC := $(sort $(shell find src -name '*.c' -not -name main.c))
ifeq ($(ARCH),x86_64)
  KERNEL_LEVELS := v2 v3 v4
else
  KERNEL_LEVELS := generic
endif
KERNEL_OBJ := $(foreach level,$(KERNEL_LEVELS),$(KERNEL_SRC:%.c=$(OBJ)/%.$(level).o))
RUNTIME_OBJ := $(RUNTIME_SRC:%.c=$(OBJ)/%.o) $(KERNEL_OBJ)
LANG_OBJ := $(LANG_SRC:%.c=$(OBJ)/%.o) $(OBJ)/embed/stdlib.o $(OBJ)/embed/errors.o
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(OBJ)/unit/%)
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(OBJ)/fuzz/%)

.PHONY: all demo test test-long unit fuzz bless bench check-deps check-docs format install packages clean
all: $(BIN)

$(BIN): $(RUNTIME_OBJ) $(LANG_OBJ) $(OBJ)/src/main.o
	$(call say,LINK $@)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS)

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC   $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(EXTRA) -MMD -MP -c -o $@ $<

# Numeric kernels: one source, one object for each level of the processor. (Clang takes many minutes to instrument them for the fuzzer,
# and no input reaches them unchecked; the sanitizer build has them.)
KERNEL_FLAGS = $(if $(FUZZ),-O1 -fno-sanitize=all,$(if $(SAN),-O1,-O3)) -ffp-contract=fast -Wno-psabi -Wno-unknown-warning-option
ifdef FUZZ
  # No fuzz entry multiplies matrices, and instrumented kernels take minutes to compile.
  KERNEL_FLAGS += -O1 -fno-sanitize=fuzzer-no-link,address,undefined
endif
$(OBJ)/%.v2.o: %.c
	@mkdir -p $(@D)
	$(call say,CC   $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(KERNEL_FLAGS) -DKERNELS=v2 -march=x86-64-v2 -MMD -MP -c -o $@ $<
$(OBJ)/%.v3.o: %.c
	@mkdir -p $(@D)
	$(call say,CC   $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(KERNEL_FLAGS) -DKERNELS=v3 -march=x86-64-v3 -MMD -MP -c -o $@ $<
$(OBJ)/%.v4.o: %.c
	@mkdir -p $(@D)
	$(call say,CC   $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(KERNEL_FLAGS) -DKERNELS=v4 -march=x86-64-v4 -mprefer-vector-width=512 -MMD -MP -c -o $@ $<
$(OBJ)/%.generic.o: %.c
	@mkdir -p $(@D)
	$(call say,CC   $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(KERNEL_FLAGS) -DKERNELS=generic -MMD -MP -c -o $@ $<

# The grammar. Generated C is built, never committed; syntax/parse.c alone includes it.
GEN := $(OBJ)/grammar
$(GEN)/nnl.tab.c $(GEN)/nnl.tab.h &: grammar/nnl.y
	@mkdir -p $(GEN)
	$(call say,BISON $<)
	$(Q)bison -Wall -Wcounterexamples $(BISON_STRICT) --defines=$(GEN)/nnl.tab.h -o $(GEN)/nnl.tab.c $<
$(GEN)/nnl.lex.c $(GEN)/nnl.lex.h &: grammar/nnl.l
	@mkdir -p $(GEN)
	$(call say,FLEX $<)
	$(Q)flex --header-file=$(GEN)/nnl.lex.h -o $(GEN)/nnl.lex.c $<
$(OBJ)/src/syntax/parse.o: $(GEN)/nnl.tab.c $(GEN)/nnl.tab.h $(GEN)/nnl.lex.c $(GEN)/nnl.lex.h
$(OBJ)/src/syntax/parse.o: EXTRA = -Wno-switch-enum -Wno-conversion -Wno-sign-compare -Wno-unused-function

# Texts in the binary: the standard blocks and the pages of `nnl explain`.
$(OBJ)/embed/%.o: $(OBJ)/embed/%.c
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(OBJ)/embed/stdlib.c: $(wildcard stdlib/*.nnl) tools/embed.sh
	@mkdir -p $(@D)
	@sh tools/embed.sh stdlib stdlib/*.nnl > $@
$(OBJ)/embed/errors.c: $(wildcard docs/errors/*.md) tools/embed.sh
	@mkdir -p $(@D)
	@sh tools/embed.sh errors docs/errors/*.md > $@

$(OBJ)/unit/%: tests/unit/%.c $(RUNTIME_OBJ) $(LANG_OBJ)
	@mkdir -p $(@D)
	$(call say,CC   $@)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -MMD -MP -MF $@.d -o $@ $< $(filter %.o,$^) $(LIBS)
unit: $(UNIT_BIN)

# Entries for libFuzzer: make FUZZ=1 CC=clang-14 fuzz
$(OBJ)/fuzz/%: tests/fuzz/%.c $(RUNTIME_OBJ) $(LANG_OBJ)
	@mkdir -p $(@D)
	$(call say,LINK $@)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $< $(filter %.o,$^) $(LIBS)
fuzz: $(FUZZ_BIN)

packages:
	@sh tools/packages.sh build run

demo: packages
	@$(MAKE) --no-print-directory all
	@sh tools/demo.sh

test:
	@sh tools/packages.sh build run test
	@$(MAKE) --no-print-directory all unit
	@sh tests/run.sh $(OBJ) $(BIN)

test-long:
	@sh tools/packages.sh build run test long
	@sh tests/run_long.sh

bless: all
	@sh tests/run.sh $(OBJ) $(BIN) --bless

bench: all
	@python3 bench/run.py --nnl $(BIN)

check-deps:
	@sh tools/check_deps.sh

check-docs: all
	@sh tools/check_docs.sh $(BIN)

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

install: all
	install -D -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/nnl

clean:
	rm -rf build

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
