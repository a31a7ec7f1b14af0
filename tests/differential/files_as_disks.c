/* Regular files /dev/sd[b-z] look like block devices to every program that preloads this.

   For hosts that can have no loop devices: LVM's programs then keep groups and volumes in these files as on disks.
   There is no device mapper behind them, so nothing can be activated. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <linux/fs.h>
#include <unistd.h>

/* A kind of block device that /proc/devices names, or LVM takes none of them. */
#ifndef MAJOR
#define MAJOR 254
#endif

static int number(const char *path, dev_t *dev)
{
    if (!path || strncmp(path, "/dev/sd", 7) || path[7] < 'b' || path[7] > 'z')
        return 0;
    *dev = makedev(MAJOR, 1600 + 16 * (path[7] - 'a') + atoi(path + 8));
    return 1;
}

static int opened(int fd, char *path, size_t size)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, size - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return 1;
}

static void dress(const char *path, struct stat *st)
{
    dev_t dev;
    if (S_ISREG(st->st_mode) && number(path, &dev)) {
        st->st_mode = (st->st_mode & ~S_IFMT) | S_IFBLK;
        st->st_rdev = dev;
        st->st_size = 0;
    }
}

#define REAL(name) ({ static __typeof__(&name) f; if (!f) f = (__typeof__(&name)) dlsym(RTLD_NEXT, #name); f; })

int stat(const char *path, struct stat *st) { int r = REAL(stat)(path, st); if (!r) dress(path, st); return r; }
int lstat(const char *path, struct stat *st) { int r = REAL(lstat)(path, st); if (!r) dress(path, st); return r; }
int stat64(const char *path, struct stat64 *st) { int r = REAL(stat64)(path, st); if (!r) dress(path, (struct stat *) st); return r; }
int lstat64(const char *path, struct stat64 *st) { int r = REAL(lstat64)(path, st); if (!r) dress(path, (struct stat *) st); return r; }
int fstat(int fd, struct stat *st)
{
    char path[4096];
    int r = REAL(fstat)(fd, st);
    if (!r && S_ISREG(st->st_mode) && opened(fd, path, sizeof path)) dress(path, st);
    return r;
}
int fstat64(int fd, struct stat64 *st) { return fstat(fd, (struct stat *) st); }
int fstatat(int at, const char *path, struct stat *st, int flags)
{
    int r = REAL(fstatat)(at, path, st, flags);
    char full[4096];
    if (!r && S_ISREG(st->st_mode)) {
        if (path[0] == '/') dress(path, st);
        else if (!path[0] && opened(at, full, sizeof full)) dress(full, st);
        else if (at != AT_FDCWD && opened(at, full, sizeof full - 300)) { strcat(full, "/"); strncat(full, path, 250); dress(full, st); }
    }
    return r;
}
int fstatat64(int at, const char *path, struct stat64 *st, int flags) { return fstatat(at, path, (struct stat *) st, flags); }

int statx(int at, const char *path, int flags, unsigned int mask, struct statx *st)
{
    int r = REAL(statx)(at, path, flags, mask, st);
    dev_t dev;
    if (!r && S_ISREG(st->stx_mode) && number(path, &dev)) {
        st->stx_mode = (st->stx_mode & ~S_IFMT) | S_IFBLK;
        st->stx_rdev_major = major(dev);
        st->stx_rdev_minor = minor(dev);
    }
    return r;
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    va_start(ap, request);
    void *arg = va_arg(ap, void *);
    va_end(ap);
    char path[4096];
    struct stat st;
    dev_t dev;
    if (((request >> 8) & 0xff) == 0x12 && !REAL(fstat)(fd, &st) && S_ISREG(st.st_mode)
        && opened(fd, path, sizeof path) && number(path, &dev)) {
        switch (request) {
        case BLKGETSIZE64: *(uint64_t *) arg = st.st_size; return 0;
        case BLKGETSIZE: *(unsigned long *) arg = st.st_size / 512; return 0;
        case BLKSSZGET: *(int *) arg = 512; return 0;
        case BLKPBSZGET: *(unsigned int *) arg = 512; return 0;
        case BLKBSZGET: *(int *) arg = 4096; return 0;
        case BLKROGET: *(int *) arg = 0; return 0;
        case BLKRAGET: *(long *) arg = 256; return 0;
        case BLKFLSBUF: case BLKRRPART: return 0;
        default: errno = ENOTTY; return -1;
        }
    }
    return REAL(ioctl)(fd, request, arg);
}
