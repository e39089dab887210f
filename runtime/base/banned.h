/* Calls that have no place in this code: each makes a file that uses it not compile. Included before everything else. */
#ifndef NNL_BASE_BANNED_H
#define NNL_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atoll atof gets

#endif
