//! A sick disk: a library that is loaded before libc and, for files below one folder, lets writes
//! fail or wait as a control file says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int ill(void) {
    const char *name = getenv("THIRDRING_DISK");
    char text[16] = {0};
    int file = name ? (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0) : -1;
    if (file < 0) return 0;
    long length = syscall(SYS_read, file, text, sizeof text - 1);
    syscall(SYS_close, file);
    return length > 0 ? atoi(text) : 0;
}

static int below(const char *path) {
    const char *folder = getenv("THIRDRING_DISK_FOLDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int below_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

/* 0: well. -1: hangs until it is well. Else the error that everything fails with. */
static int fails(void) {
    int error;
    while ((error = ill()) == -1) usleep(5000);
    if (error <= 0) return 0;
    errno = error;
    return 1;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    if (below_fd(fd) && fails()) return -1;
    return real(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    REAL(pwrite);
    if (below_fd(fd) && fails()) return -1;
    return real(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    REAL(pwrite64);
    if (below_fd(fd) && fails()) return -1;
    return real(fd, data, size, at);
}
/* -2: what is made safe is not. */
int fsync(int fd) {
    REAL(fsync);
    if (ill() == -2) return 0;
    if (below_fd(fd) && fails()) return -1;
    return real(fd);
}
int fdatasync(int fd) {
    REAL(fdatasync);
    if (ill() == -2) return 0;
    if (below_fd(fd) && fails()) return -1;
    return real(fd);
}
int rename(const char *from, const char *to) {
    REAL(rename);
    if (below(to) && fails()) return -1;
    return real(from, to);
}
int open64(const char *path, int flags, ...) {
    REAL(open64);
    va_list list;
    va_start(list, flags);
    int mode = va_arg(list, int);
    va_end(list);
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) && below(path) && fails()) return -1;
    return real(path, flags, mode);
}
"#;

/// What the disk does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Disk {
    Well,
    /// Every write, flush, rename and new file fails with this error number.
    Fails(i32),
    /// They wait until it is well again.
    Hangs,
    /// It says that things are safe, and they are not.
    Lies,
}

/// The library, and what it does to files below a folder.
pub(crate) struct Shim {
    control: PathBuf,
    environment: Vec<(&'static str, OsString)>,
}

impl Shim {
    /// Compiles it into `folder`; it is about files below `disk`.
    pub(crate) fn make(folder: &Path, disk: &Path) -> Self {
        let source = folder.join("disk.c");
        let library = folder.join("disk.so");
        std::fs::write(&source, SOURCE).unwrap();
        let arguments = ["-shared", "-fPIC", "-O1", "-w", "-o"];
        crate::mount::run("cc", &arguments, &[&library, &source]);
        let control = folder.join("disk.state");
        let shim = Self {
            environment: vec![
                ("LD_PRELOAD", library.into()),
                ("THIRDRING_DISK", control.clone().into()),
                ("THIRDRING_DISK_FOLDER", disk.to_owned().into()),
            ],
            control,
        };
        shim.set(Disk::Well);
        shim
    }

    /// What a process needs in its environment to have this disk.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        self.environment.clone()
    }

    pub(crate) fn set(&self, disk: Disk) {
        let state = match disk {
            Disk::Well => 0,
            Disk::Fails(error) => error,
            Disk::Hangs => -1,
            Disk::Lies => -2,
        };
        // At once: whoever reads it meanwhile sees the one or the other.
        let next = self.control.with_extension("next");
        std::fs::write(&next, state.to_string()).unwrap();
        std::fs::rename(next, &self.control).unwrap();
    }
}
