#include "examples/c/application.h"

#include <string.h>

/* ---- the board: NOR flash in RAM, where a driver for the real part would stand ------------------------------------
 */

static uint8_t cells[APP_FLASH_BYTES];

uint8_t* app_flash(void) {
    return cells;
}

void app_flash_erase_all(void) {
    memset(cells, 0xFF, sizeof cells);
}

static int nor_read(void* context, uint32_t offset, void* to, size_t bytes) {
    (void)context;
    memcpy(to, cells + offset, bytes);
    return 0;
}

/* Bits of NOR are programmed from 1 to 0. What does not come out as asked is told by core, which reads back. */
static int nor_program(void* context, uint32_t offset, const void* from, size_t bytes) {
    const uint8_t* const data = from;
    (void)context;
    for (size_t i = 0; i < bytes; ++i) cells[offset + i] &= data[i];
    return 0;
}

static int nor_erase(void* context, uint32_t offset) {
    (void)context;
    memset(cells + offset, 0xFF, APP_UNIT_BYTES);
    return 0;
}

static const switchback_erase_run erase_map[] = {{APP_FLASH_BYTES / APP_UNIT_BYTES, APP_UNIT_BYTES}};

static const switchback_flash parts[] = {{.read = nor_read,
                                          .program = nor_program,
                                          .erase = nor_erase,
                                          .erase_map = erase_map,
                                          .erase_runs = 1,
                                          .bytes = APP_FLASH_BYTES,
                                          .granule = 4,
                                          .erased = 0xFF}};

/* ---- the device: bootloader and application describe the same one
 * ---------------------------------------------------- */

enum { block_bytes = 1024, piece_bytes = 128 };

/* Whole images, and deltas packed with LZMA in a dictionary of 4 KB: nothing else is linked. */
#define DECODER_BYTES SWITCHBACK_LZMA_MEMORY_BYTES(4096)
static const switchback_grant grants[] = {{&switchback_decoder_raw, 0},
                                          {&switchback_decoder_endsley_lzma, DECODER_BYTES}};

static switchback_config describe(const app_identity* identity) {
    switchback_config config = {.parts = parts,
                                .part_count = 1,
                                .map = {.scheme = SWITCHBACK_SCHEME_XIP,
                                        .remap = true,
                                        .slot_a = {{0, 0, APP_SLOT_BYTES}, 0},
                                        .slot_b = {{0, APP_SLOT_BYTES, APP_SLOT_BYTES}, APP_SLOT_BYTES},
                                        .journal = {0, 2 * APP_SLOT_BYTES, 4 * APP_UNIT_BYTES},
                                        .header_bytes = APP_HEADER_BYTES},
                                .crypto = &identity->crypto,
                                .keys = &identity->key,
                                .key_count = 1,
                                .grants = grants,
                                .grant_count = sizeof grants / sizeof grants[0],
                                .max_block_bytes = block_bytes};
    memcpy(config.vendor, identity->vendor, sizeof config.vendor);
    memcpy(config.device_class, identity->device_class, sizeof config.device_class);
    return config;
}

static switchback_device device;
static switchback_session session;
static uint64_t work[SWITCHBACK_INSTALL_WORK_BYTES(block_bytes, DECODER_BYTES) / sizeof(uint64_t)];

/* ---- the bootloader
 * --------------------------------------------------------------------------------------------------- */

switchback_result app_boot(const app_identity* identity, switchback_boot_report* report) {
    const switchback_config config = describe(identity);
    const switchback_result opened = switchback_open(&device, &config);
    if (opened == SWITCHBACK_BAD_ARGUMENT) return opened; /* all else is for boot to judge */
    return switchback_boot(&device, work, sizeof work, report);
    /* A port jumps to report->address now, or waits for an update where report->slot is SWITCHBACK_SLOT_NONE. */
}

/* ---- the application
 * ---------------------------------------------------------------------------------------------------- */

static struct {
    app_sensor sensor;
    switchback_slot running;
    switchback_result last;
    unsigned measurements;
    bool receiving;
    bool failed; /* the self-test */
    uint64_t wanted;
} app;

static bool is_plausible(int measurement) {
    return measurement >= -40 && measurement <= 125;
}

switchback_result app_start(const app_identity* identity, switchback_slot running, app_sensor sensor) {
    const switchback_config config = describe(identity);
    memset(&app, 0, sizeof app);
    app.sensor = sensor;
    app.running = running;
    if (running == SWITCHBACK_SLOT_NONE) return app.last = SWITCHBACK_NOT_RUNNING;
    app.last = switchback_open(&device, &config);
    if (app.last != SWITCHBACK_OK) return app.last;
    /* Not confirmed is the way back: after a few boots like this one the old image runs again. */
    app.failed = !is_plausible(sensor.read(sensor.context));
    if (app.failed) return app.last = SWITCHBACK_IO;
    return app.last = switchback_confirm(&device, running, work, sizeof work);
}

/* A session needs no more than memory while nothing comes: it begins with the first piece of a package. */
static bool begin_to_receive(void) {
    app.last = switchback_install_begin(&session, &device, app.running, work, sizeof work);
    app.receiving = app.last == SWITCHBACK_OK;
    app.wanted = 0;
    return app.receiving;
}

static app_event end_of_session(app_event event) {
    app.receiving = false;
    return event;
}

static app_event receive(app_link link) {
    uint8_t piece[piece_bytes];
    const size_t bytes = link.receive(link.context, app.receiving ? app.wanted : 0, piece, sizeof piece);
    if (bytes == 0) return APP_WORKS;
    if (!app.receiving && !begin_to_receive()) return APP_UPDATE_REFUSED;
    app.last = switchback_install_write(&session, app.wanted, piece, bytes, &app.wanted);
    switchback_progress progress;
    if (switchback_install_progress(&session, &progress) != SWITCHBACK_OK) return end_of_session(APP_UPDATE_REFUSED);
    /* A block that was damaged on its way is asked for again, by app.wanted; all else ends the session. */
    if (app.last == SWITCHBACK_BAD_DIGEST && progress.package_bytes != 0) return APP_WORKS;
    if (app.last != SWITCHBACK_OK) return end_of_session(APP_UPDATE_REFUSED);
    if (!progress.complete) return APP_WORKS;
    app.last = switchback_install_stage(&session);
    return end_of_session(app.last == SWITCHBACK_OK ? APP_WANTS_RESET : APP_UPDATE_REFUSED);
}

app_event app_step(app_link link) {
    if (app.failed) return APP_WANTS_RESET;
    if (is_plausible(app.sensor.read(app.sensor.context))) ++app.measurements;
    return receive(link);
}

unsigned app_measurements(void) {
    return app.measurements;
}

switchback_result app_last_result(void) {
    return app.last;
}

switchback_result app_state(switchback_state* state) {
    return switchback_status(&device, state);
}
