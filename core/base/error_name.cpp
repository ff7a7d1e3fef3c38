#include "core/base/error_name.hpp"

namespace sb {

const char* error_name(Error e) {
    switch (e) {
        case Error::none:
            return "none";
        case Error::io:
            return "io";
        case Error::unaligned:
            return "unaligned";
        case Error::out_of_range:
            return "out_of_range";
        case Error::unreadable:
            return "unreadable";
        case Error::power_lost:
            return "power_lost";
        case Error::readback:
            return "readback";
        case Error::low_battery:
            return "low_battery";
        case Error::truncated:
            return "truncated";
        case Error::malformed:
            return "malformed";
        case Error::non_canonical:
            return "non_canonical";
        case Error::duplicate_key:
            return "duplicate_key";
        case Error::unsupported:
            return "unsupported";
        case Error::too_large:
            return "too_large";
        case Error::overflow:
            return "overflow";
        case Error::trailing_data:
            return "trailing_data";
        case Error::bad_digest:
            return "bad_digest";
        case Error::bad_patch:
            return "bad_patch";
        case Error::bad_signature:
            return "bad_signature";
        case Error::unknown_key:
            return "unknown_key";
        case Error::wrong_class:
            return "wrong_class";
        case Error::wrong_source:
            return "wrong_source";
        case Error::older:
            return "older";
        case Error::below_floor:
            return "below_floor";
        case Error::counter_mismatch:
            return "counter_mismatch";
        case Error::no_decoder:
            return "no_decoder";
        case Error::wrong_address:
            return "wrong_address";
        case Error::not_confirmed:
            return "not_confirmed";
        case Error::not_running:
            return "not_running";
        case Error::bad_state:
            return "bad_state";
        case Error::unsigned_image:
            return "unsigned_image";
        case Error::image_mismatch:
            return "image_mismatch";
        case Error::wrong_header:
            return "wrong_header";
        case Error::no_way_back:
            return "no_way_back";
        case Error::tries_exhausted:
            return "tries_exhausted";
        case Error::slot_invalid:
            return "slot_invalid";
        case Error::active_invalid:
            return "active_invalid";
        case Error::journal_lost:
            return "journal_lost";
        case Error::nothing_bootable:
            return "nothing_bootable";
    }
    return "unknown";
}

}  // namespace sb
