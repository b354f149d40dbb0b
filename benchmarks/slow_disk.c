/* A disk whose every fsync takes at least 2 ms: LD_PRELOAD this into a server. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

#define AT_LEAST_NS 2000000L

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int slowly(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  long long start = now();
  int result = real(fd);
  long long left = AT_LEAST_NS - (now() - start);
  if (left > 0) {
    struct timespec t = {0, left};
    while (nanosleep(&t, &t)) {
    }
  }
  return result;
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
