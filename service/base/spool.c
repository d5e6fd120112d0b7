#include "base/spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/memory.h"

const char *spool_directory(void)
{
    const char *directory = getenv("TMPDIR");
    return directory && *directory == '/' ? directory : "/var/tmp";
}

/* Some file systems have no O_TMPFILE. */
int spool_open(void)
{
    int file = open(spool_directory(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0)
        return file;
    struct buffer path;
    buffer_init(&path);
    buffer_printf(&path, "%s/einlass-XXXXXX", spool_directory());
    file = mkostemp(path.bytes, O_CLOEXEC);
    if (file >= 0)
        unlink(path.bytes);
    buffer_finish(&path);
    return file;
}

bool spool_has_room(int64_t bytes)
{
    struct statvfs disk;
    return statvfs(spool_directory(), &disk) == 0 &&
           (int64_t)(disk.f_bavail * disk.f_frsize) > bytes;
}
