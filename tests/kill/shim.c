/* Counts the calls that change files below a folder, and ends the process at the n-th of them.
   KILL_AT: the number (0 = only count, into the file KILL_COUNT); KILL_HOW: before, after, torn (half of a write), or sigint: Ctrl-C comes then, and the process goes on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>

static long count = 0;

static int inside_path(const char *path) {
  const char *root = getenv("KILL_ROOT");
  char where[8192];
  if (!root || !path) return 0;
  if (path[0] != '/') {
    if (!getcwd(where, sizeof where)) return 0;
  } else {
    strncpy(where, path, sizeof where - 1);
    where[sizeof where - 1] = 0;
  }
  return strncmp(where, root, strlen(root)) == 0;
}

static int inside_fd(int fd) {
  char link[64], path[8192];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = syscall(SYS_readlink, link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  return inside_path(path);
}

static int due(const char *how) {
  const char *at = getenv("KILL_AT"), *mode = getenv("KILL_HOW");
  return at && atol(at) == count && mode && strcmp(mode, how) == 0;
}

static void note(const char *what) {
  const char *place = getenv("KILL_COUNT");
  if (!place) return;
  int fd = syscall(SYS_openat, AT_FDCWD, place, O_WRONLY | O_CREAT | O_APPEND, 0600);
  syscall(SYS_write, fd, what, strlen(what));
  syscall(SYS_write, fd, "\n", 1);
  syscall(SYS_close, fd);
}

static void die(void) { syscall(SYS_kill, getpid(), SIGKILL); for (;;) pause(); }

#define STEP(inside, what, call)       \
  int counted = (inside);              \
  if (counted) {                       \
    count++;                           \
    note(what);                        \
    if (due("before")) die(); if (due("sigint")) syscall(SYS_kill, getpid(), SIGINT);          \
  }                                    \
  long result = (call);                \
  if (counted && due("after")) die();  \
  return result;

ssize_t write(int fd, const void *data, size_t size) {
  ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  if (inside_fd(fd)) {
    count++;
    note("write");
    if (due("before")) die(); if (due("sigint")) syscall(SYS_kill, getpid(), SIGINT);
    if (due("torn")) { real(fd, data, size / 2); die(); }
    ssize_t result = real(fd, data, size);
    if (due("after")) die();
    return result;
  }
  return real(fd, data, size);
}
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *place, size_t size, unsigned int flags) {
  ssize_t (*real)(int, off64_t *, int, off64_t *, size_t, unsigned int) = dlsym(RTLD_NEXT, "copy_file_range");
  if (inside_fd(to)) {
    count++;
    note("copy");
    if (due("before")) die(); if (due("sigint")) syscall(SYS_kill, getpid(), SIGINT);
    if (due("torn")) { real(from, at, to, place, size > 4096 ? 100 : size / 2, flags); die(); }
    ssize_t result = real(from, at, to, place, size, flags);
    if (due("after")) die();
    return result;
  }
  return real(from, at, to, place, size, flags);
}
int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  STEP(inside_fd(fd), "fsync", real(fd))
}
int ftruncate64(int fd, off64_t size) {
  int (*real)(int, off64_t) = dlsym(RTLD_NEXT, "ftruncate64");
  STEP(inside_fd(fd), "ftruncate", real(fd, size))
}
int ftruncate(int fd, off_t size) {
  int (*real)(int, off_t) = dlsym(RTLD_NEXT, "ftruncate");
  STEP(inside_fd(fd), "ftruncate", real(fd, size))
}
int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  STEP(inside_path(to), "rename", real(from, to))
}
int link(const char *from, const char *to) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "link");
  STEP(inside_path(to), "link", real(from, to))
}
int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
  int (*real)(int, const char *, int, const char *, int) = dlsym(RTLD_NEXT, "linkat");
  STEP(inside_path(to), "link", real(from_at, from, to_at, to, flags))
}
int unlink(const char *path) {
  int (*real)(const char *) = dlsym(RTLD_NEXT, "unlink");
  STEP(inside_path(path), "unlink", real(path))
}
int chmod(const char *path, mode_t mode) {
  int (*real)(const char *, mode_t) = dlsym(RTLD_NEXT, "chmod");
  STEP(inside_path(path), "chmod", real(path, mode))
}
int chown(const char *path, uid_t owner, gid_t group) {
  int (*real)(const char *, uid_t, gid_t) = dlsym(RTLD_NEXT, "chown");
  STEP(inside_path(path), "chown", real(path, owner, group))
}
#define OPEN(name)                                                                    \
  int name(const char *path, int flags, ...) {                                        \
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name);                    \
    va_list list;                                                                     \
    va_start(list, flags);                                                            \
    int mode = va_arg(list, int);                                                     \
    va_end(list);                                                                     \
    STEP((flags & (O_CREAT | O_TRUNC)) && inside_path(path), "open", real(path, flags, mode)) \
  }
OPEN(open)
OPEN(open64)
