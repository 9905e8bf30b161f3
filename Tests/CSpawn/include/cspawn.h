#ifndef CSPAWN_H
#define CSPAWN_H

#include <spawn.h>

/// The functions of the same names with `_np`, which Swift's module of the C library lacks.
int cspawn_addclosefrom(posix_spawn_file_actions_t *actions, int from);
int cspawn_addchdir(posix_spawn_file_actions_t *actions, const char *path);

#endif
