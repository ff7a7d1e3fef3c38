/* examples/c: an application that does its work and receives an update meanwhile, as its main loop would call it; and
 * what its bootloader calls. The board is 64 KB of NOR in RAM. */
#ifndef EXAMPLES_C_APPLICATION_H
#define EXAMPLES_C_APPLICATION_H

#include "capi/switchback.h"

#ifdef __cplusplus
extern "C" {
#endif

#define APP_FLASH_BYTES 0x10000
#define APP_UNIT_BYTES 1024
#define APP_SLOT_BYTES 0x6000
#define APP_HEADER_BYTES 0x200

/* What does not change from start to start: who made this device, and what it trusts. */
typedef struct app_identity {
    switchback_crypto crypto;
    switchback_key key;
    uint8_t vendor[16];
    uint8_t device_class[16];
} app_identity;

/* Where packages come from: up to `bytes` bytes of the package from `offset` on; 0: none at the moment. */
typedef struct app_link {
    void* context;
    size_t (*receive)(void* context, uint64_t offset, void* to, size_t bytes);
} app_link;

/* What the application measures; here its only work. */
typedef struct app_sensor {
    void* context;
    int (*read)(void* context);
} app_sensor;

typedef enum app_event {
    APP_WORKS,
    APP_UPDATE_REFUSED, /* app_last_result() says why */
    APP_WANTS_RESET     /* an update was staged, or the self-test failed: reset now */
} app_event;

/* The flash of the board: erased, as it comes. */
void app_flash_erase_all(void);
uint8_t* app_flash(void);

/* What the bootloader does between reset and jump. */
switchback_result app_boot(const app_identity* identity, switchback_boot_report* report);

/* After a reset: opens the device, tests itself and, when all is well, confirms. `running`: from the bootloader's
 * report; SWITCHBACK_SLOT_NONE is refused. */
switchback_result app_start(const app_identity* identity, switchback_slot running, app_sensor sensor);

/* One turn of the main loop: a measurement, then one piece of a package if there is one. */
app_event app_step(app_link link);

unsigned app_measurements(void);
switchback_result app_last_result(void);
switchback_result app_state(switchback_state* state);

#ifdef __cplusplus
}
#endif

#endif
