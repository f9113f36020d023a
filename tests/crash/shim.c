/* A disk that forgets, and one that fails, for the files below one folder.

   In: CRASH_FOLDER, CRASH_JOURNAL in the environment; crash_fail_at(n, error) from the process.
   Out: the journal, which tells undo.py what a power cut would have lost: before each write the
   bytes that it replaces, after each fsync a mark. The n-th write, fsync, truncation or rename
   from the call of crash_fail_at on returns the error instead. Files that are mapped (SQLite's
   -shm) and what the C library's own streams write are not seen.

   cc -shared -fPIC -O1 -o shim.so shim.c -ldl */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static long fail_at = 0, seen = 0;
static int fail_error = EIO;

void crash_fail_at(long n, int error) { seen = 0; fail_at = n; fail_error = error; }
long crash_seen(void) { return seen; }

static int below(const char *path) {
  const char *folder = getenv("CRASH_FOLDER");
  size_t size = folder ? strlen(folder) : 0;
  size_t length = strlen(path);
  if (!size || strncmp(path, folder, size) != 0) return 0;
  return !(length > 4 && strcmp(path + length - 4, "-shm") == 0);
}

static int path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return below(path);
}

static int fails(void) { return fail_at && ++seen == fail_at; }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opened(void) {
  const char *name = getenv("CRASH_JOURNAL");
  if (journal < 0 && name) journal = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  return journal >= 0;
}

struct record { int64_t kind, path, offset, old_size, kept; };

static void note(int64_t kind, int fd, const char *path, off_t offset, size_t length) {
  if (!opened()) return;
  struct stat state;
  if (fstat(fd, &state) != 0) return;
  struct record head = {kind, (int64_t)strlen(path), offset, state.st_size, 0};
  if (kind == 0 && offset < state.st_size) {
    head.kept = state.st_size - offset;
    if ((size_t)head.kept > length) head.kept = (int64_t)length;
  }
  size_t size = sizeof head + head.path + head.kept;
  char *data = malloc(size);
  if (!data) abort();
  char *old = data + sizeof head + head.path;
  if (head.kept) {
    /* What was opened for writing only is opened again to be read. */
    int reader = open(path, O_RDONLY | O_CLOEXEC);
    head.kept = reader < 0 ? 0 : REAL(pread)(reader, old, head.kept, offset);
    if (reader >= 0) close(reader);
    if (head.kept < 0) head.kept = 0;
  }
  memcpy(data, &head, sizeof head);
  memcpy(data + sizeof head, path, head.path);
  if (REAL(write)(journal, data, sizeof head + head.path + head.kept) < 0) abort();
  free(data);
}

#define FAIL(path, fd)                                   \
  if (path_of(fd, path, sizeof path)) {                  \
    pthread_mutex_lock(&lock);                           \
    if (fails()) {                                       \
      pthread_mutex_unlock(&lock);                       \
      errno = fail_error;                                \
      return -1;                                         \
    }

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  char path[4096];
  FAIL(path, fd)
    note(0, fd, path, offset, length);
    ssize_t result = REAL(pwrite64)(fd, data, length, offset);
    pthread_mutex_unlock(&lock);
    return result;
  }
  return REAL(pwrite64)(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  return pwrite64(fd, data, length, offset);
}

ssize_t write(int fd, const void *data, size_t length) {
  char path[4096];
  FAIL(path, fd)
    off_t offset = lseek(fd, 0, SEEK_CUR);
    note(0, fd, path, offset < 0 ? 0 : offset, length);
    ssize_t result = REAL(write)(fd, data, length);
    pthread_mutex_unlock(&lock);
    return result;
  }
  return REAL(write)(fd, data, length);
}

int ftruncate64(int fd, off64_t length) {
  char path[4096];
  FAIL(path, fd)
    note(0, fd, path, length, (size_t)1 << 40);
    int result = REAL(ftruncate64)(fd, length);
    pthread_mutex_unlock(&lock);
    return result;
  }
  return REAL(ftruncate64)(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fsync(int fd) {
  char path[4096];
  FAIL(path, fd)
    int result = REAL(fsync)(fd);
    if (result == 0) note(1, fd, path, 0, 0);
    pthread_mutex_unlock(&lock);
    return result;
  }
  return REAL(fsync)(fd);
}

int fdatasync(int fd) { return fsync(fd); }

int rename(const char *from, const char *to) {
  if (below(to) && fails()) {
    errno = fail_error;
    return -1;
  }
  return REAL(rename)(from, to);
}
