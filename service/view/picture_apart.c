#include "view/picture.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The process is this program once more, by another name. Standard input is the file, standard
 * output the answer; both are files in memory, so neither side waits for the other to read. It has
 * no settings, no environment and no other descriptors.
 */
#define NAME "einlass-picture"
#define PROGRAM "/proc/self/exe"

enum {
    MEMORY_MOST_BYTES = 768 * 1024 * 1024, /* of the process, with its libraries */
    ANSWER_MOST_BYTES = 16 * 1024 * 1024,
    TEXT_BYTES = 16,
    INPUT = STDIN_FILENO,
    OUTPUT = STDOUT_FILENO,
};

/* Before the bytes of the answer. */
struct head {
    int32_t fault, is_jpeg, width, height;
};

static atomic_int running;

/* --- Inside the process ---------------------------------------------------------------------- */

static bool set_limit(__rlimit_resource_t resource, rlim_t most)
{
    return setrlimit(resource, &(struct rlimit){most, most}) == 0;
}

/* A sanitizer reserves more addresses than any limit. */
static bool limit_memory(void)
{
#ifdef __SANITIZE_ADDRESS__
    return true;
#else
    return set_limit(RLIMIT_AS, MEMORY_MOST_BYTES);
#endif
}

static bool limit_itself(void)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && limit_memory() &&
           set_limit(RLIMIT_CPU, PICTURE_TIME_MOST_S) && set_limit(RLIMIT_CORE, 0) &&
           set_limit(RLIMIT_FSIZE, ANSWER_MOST_BYTES);
}

static bool write_all(int file, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t written = write(file, at, length);
        if (written <= 0)
            return false;
        at += written;
        length -= (size_t)written;
    }
    return true;
}

static bool read_all(int file, struct buffer *out, size_t most)
{
    struct stat about;
    if (fstat(file, &about) != 0 || about.st_size < 0 || (size_t)about.st_size > most)
        return false;
    char *to = buffer_reserve(out, (size_t)about.st_size);
    for (off_t at = 0; at < about.st_size;) {
        ssize_t got = pread(file, to + at, (size_t)(about.st_size - at), at);
        if (got <= 0)
            return false;
        at += got;
    }
    out->length += (size_t)about.st_size;
    to[about.st_size] = '\0';
    return true;
}

static bool convert_input(const struct picture_wish *wish)
{
    struct picture picture = {0};
    struct buffer input;
    buffer_init(&input);
    if (!read_all(INPUT, &input, PICTURE_FILE_MOST_BYTES))
        return false;
    struct head head = {.fault = (int)picture_convert(input.bytes, input.length, wish, &picture)};
    head.is_jpeg = picture.is_jpeg;
    head.width = picture.width;
    head.height = picture.height;
    bool is_written = write_all(OUTPUT, &head, sizeof head) &&
                      write_all(OUTPUT, picture.bytes.bytes, picture.bytes.length);
    buffer_finish(&input);
    picture_finish(&picture);
    return is_written;
}

bool picture_process(int argc, char **argv, int *ret_status)
{
    enum { ARGUMENTS = 4 };
    if (argc != ARGUMENTS || strcmp(argv[0], NAME) != 0)
        return false;
    const struct picture_wish wish = {
        .width = (int)strtol(argv[1], NULL, 10),
        .height = (int)strtol(argv[2], NULL, 10),
        .is_photo = strcmp(argv[3], "photo") == 0,
    };
    *ret_status = limit_itself() && convert_input(&wish) ? EXIT_SUCCESS : EXIT_FAILURE;
    return true;
}

/* --- Outside --------------------------------------------------------------------------------- */

static bool start(const struct picture_wish *wish, int input, int output, pid_t *ret_pid)
{
    char width[TEXT_BYTES], height[TEXT_BYTES];
    snprintf(width, sizeof width, "%d", wish->width);
    snprintf(height, sizeof height, "%d", wish->height);
    char name[] = NAME, photo[] = "photo", drawing[] = "drawing";
    char *arguments[] = {name, width, height, wish->is_photo ? photo : drawing, NULL};
    /* Pictures inside an SVG are decoded only by the two decoders that GDK-PixBuf has built in. */
    char no_modules[] = "GDK_PIXBUF_MODULE_FILE=/dev/null";
    char *environment[] = {no_modules, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, INPUT);
    posix_spawn_file_actions_adddup2(&actions, output, OUTPUT);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    int error = posix_spawn(ret_pid, PROGRAM, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0;
}

/* Whether the process ended well in time. Ends it otherwise. */
static bool wait_for(pid_t pid)
{
    int status = 0, descriptor = pidfd_open(pid, 0);
    struct pollfd ended = {.fd = descriptor, .events = POLLIN};
    int polled;
    do
        polled = poll(&ended, 1, PICTURE_TIME_MOST_S * 1000);
    while (polled < 0 && errno == EINTR);
    if (descriptor < 0 || polled <= 0)
        kill(pid, SIGKILL);
    if (descriptor >= 0)
        close(descriptor);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

/* The process may have been taken over, so nothing that it says is taken for granted. */
static bool is_sound(const struct head *head, const struct picture_wish *wish)
{
    return head->width > 0 && head->width <= wish->width && head->height > 0 &&
           head->height <= wish->height && (wish->is_photo || !head->is_jpeg);
}

static enum picture_fault read_answer(int output, const struct picture_wish *wish,
                                      struct picture *ret_picture)
{
    struct head head;
    struct buffer bytes;
    enum picture_fault fault = PICTURE_BROKEN;
    buffer_init(&bytes);
    if (read_all(output, &bytes, ANSWER_MOST_BYTES) && bytes.length >= sizeof head) {
        memcpy(&head, bytes.bytes, sizeof head);
        if (head.fault > PICTURE_READ && head.fault < PICTURE_BUSY)
            fault = (enum picture_fault)head.fault;
        else if (head.fault == PICTURE_READ && is_sound(&head, wish))
            fault = PICTURE_READ;
    }
    if (fault == PICTURE_READ) {
        *ret_picture =
            (struct picture){.is_jpeg = head.is_jpeg, .width = head.width, .height = head.height};
        buffer_init(&ret_picture->bytes);
        buffer_add(&ret_picture->bytes, bytes.bytes + sizeof head, bytes.length - sizeof head);
    }
    buffer_finish(&bytes);
    return fault;
}

static enum picture_fault convert(const void *bytes, size_t length, const struct picture_wish *wish,
                                  struct picture *ret_picture)
{
    enum picture_fault fault = PICTURE_BUSY;
    pid_t pid;
    int input = memfd_create("picture", MFD_CLOEXEC);
    int output = memfd_create("picture", MFD_CLOEXEC);
    if (input >= 0 && output >= 0 && write_all(input, bytes, length) &&
        start(wish, input, output, &pid))
        fault = wait_for(pid) ? read_answer(output, wish, ret_picture) : PICTURE_TOO_SLOW;
    if (input >= 0)
        close(input);
    if (output >= 0)
        close(output);
    return fault;
}

enum picture_fault picture_convert_apart(const void *bytes, size_t length,
                                         const struct picture_wish *wish,
                                         struct picture *ret_picture)
{
    if (length > PICTURE_FILE_MOST_BYTES)
        return PICTURE_TOO_LARGE;
    enum picture_fault fault = PICTURE_BUSY;
    if (atomic_fetch_add(&running, 1) < PICTURES_AT_ONCE)
        fault = convert(bytes, length, wish, ret_picture);
    atomic_fetch_sub(&running, 1);
    return fault;
}
