#include "features/registration/erasure_list.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static const char head[] = "# Whose data was erased: time, event, registration, more ids. No "
                           "personal data.\n# Keep it apart from the backups of the database.\n";

void erasure_list_add(struct buffer *lines, const struct erasure *erasure)
{
    char at[CLOCK_TEXT_BYTES], event[ID_TEXT_BYTES], registration[ID_TEXT_BYTES];
    clock_format(erasure->erased_at_us, at);
    id_format(&erasure->event_id, event);
    id_format(&erasure->registration_id, registration);
    buffer_printf(lines, "%s %s %s%s%s\n", at, event, registration, *erasure->also ? " " : "",
                  erasure->also);
}

/* --- Writing --------------------------------------------------------------------------------- */

static bool write_all(int file, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(file, bytes, length);
        if (count < 0 && errno != EINTR)
            return false;
        if (count > 0) {
            bytes += count;
            length -= (size_t)count;
        }
    }
    return true;
}

int erasure_list_try(const char *path, bool *ret_exists)
{
    *ret_exists = access(path, F_OK) == 0;
    if (*ret_exists)
        return access(path, R_OK | W_OK) == 0 ? 0 : errno;
    char *copy = memory_copy(path);
    int error = access(dirname(copy), W_OK | X_OK) == 0 ? 0 : errno;
    free(copy);
    return error;
}

/* A new name is on the disk when its directory is. */
static bool sync_directory(const char *path)
{
    char *copy = memory_copy(path);
    int directory = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = directory >= 0 && fsync(directory) == 0;
    if (directory >= 0)
        close(directory);
    free(copy);
    return good;
}

/* Returns the size without half of a line at the end, or -1. */
static off_t whole_size(int file)
{
    char tail[ERASURE_LINE_MOST];
    off_t size = lseek(file, 0, SEEK_END);
    off_t from = size > (off_t)sizeof tail ? size - (off_t)sizeof tail : 0;
    if (size <= 0)
        return size;
    ssize_t count = pread(file, tail, sizeof tail, from);
    if (count < 0)
        return -1;
    const char *end = memrchr(tail, '\n', (size_t)count);
    return end ? from + (end - tail) + 1 : from;
}

/* With the lock on the file. */
static bool append(int file, const char *path, const char *lines, size_t length)
{
    off_t size = whole_size(file);
    if (size < 0 || ftruncate(file, size) != 0)
        return false;
    bool good = (size > 0 || write_all(file, head, sizeof head - 1)) &&
                write_all(file, lines, length) && fsync(file) == 0 &&
                (size > 0 || sync_directory(path));
    int error = errno;
    if (!good && ftruncate(file, size) == 0)
        errno = error;
    return good;
}

int erasure_list_append(const char *path, const char *lines, size_t length)
{
    int file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0)
        return errno;
    bool good = flock(file, LOCK_EX) == 0 && append(file, path, lines, length);
    int error = errno;
    close(file); /* gives the lock back */
    return good ? 0 : error;
}

/* --- Reading --------------------------------------------------------------------------------- */

static bool are_ids(const char *also)
{
    char text[ID_TEXT_BYTES];
    struct id id;
    while (*also) {
        size_t length = strcspn(also, " ");
        if (length >= sizeof text)
            return false;
        memcpy(text, also, length);
        text[length] = '\0';
        if (!id_parse(text, &id))
            return false;
        also += length + (also[length] == ' ');
    }
    return true;
}

static bool parse(char *line, struct erasure *ret_erasure)
{
    char *rest = line, *at = strsep(&rest, " "), *event = strsep(&rest, " "),
         *registration = strsep(&rest, " ");
    ret_erasure->also = rest ? rest : "";
    return event && registration && clock_parse(at, &ret_erasure->erased_at_us) &&
           id_parse(event, &ret_erasure->event_id) &&
           id_parse(registration, &ret_erasure->registration_id) && are_ids(ret_erasure->also);
}

bool erasure_list_read(const char *path,
                       bool (*on_erasure)(void *context, const struct erasure *erasure),
                       void *context, struct buffer *ret_error)
{
    char line[ERASURE_LINE_MOST];
    struct erasure erasure;
    bool good = true;
    FILE *file = fopen(path, "re");
    for (int number = 1; file && good && fgets(line, sizeof line, file); number++) {
        char *end = strchr(line, '\n');
        if (!end && feof(file))
            break;
        if (end)
            *end = '\0';
        if (*line == '#' || *line == '\0')
            continue;
        good = end && parse(line, &erasure);
        if (!good)
            buffer_printf(ret_error, "%s:%d: the line is no erasure", path, number);
        else
            good = on_erasure(context, &erasure);
    }
    if (!file || ferror(file)) {
        buffer_printf(ret_error, "cannot read the list of erasures %s: %m", path);
        good = false;
    }
    if (file)
        fclose(file);
    return good;
}
