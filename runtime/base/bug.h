/* What can only be a mistake of ours: message with file and line, exit code 70 (through abort in sanitizer builds). */
#ifndef NNL_BASE_BUG_H
#define NNL_BASE_BUG_H

/* Defined under the address sanitizer; gcc and clang tell it differently. */
#if defined(__SANITIZE_ADDRESS__)
#define NNL_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NNL_SANITIZED
#endif
#endif

_Noreturn void bug(const char *file, int line, const char *what);
#define BUG(what) bug(__FILE__, __LINE__, (what))
#define ENSURE(fact) ((fact) ? (void)0 : bug(__FILE__, __LINE__, #fact))

#endif
