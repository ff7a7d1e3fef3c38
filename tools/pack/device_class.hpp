// tools/pack: the class of a device, written VENDOR-DOMAIN/CLASS-NAME, and the two identifiers that stand for it.
#pragma once

#include <string>
#include <string_view>

#include "core/manifest/package.hpp"
#include "tools/pack/problem.hpp"

namespace sb::pack {

struct ClassIds {
    Uuid vendor{};        ///< UUIDv5 of the vendor's domain in the DNS namespace
    Uuid device_class{};  ///< UUIDv5 of the class name in the namespace of the vendor id
    bool operator==(const ClassIds&) const = default;
};

/// The identifiers of e.g. "acme.example/thermostat-2". Errors: usage when it is not DOMAIN/NAME.
[[nodiscard]] Outcome<ClassIds> class_ids(std::string_view device_class);

/// A name-based UUID, version 5 (RFC 9562 §5.5).
[[nodiscard]] Uuid uuid5(const Uuid& name_space, std::string_view name);
/// The usual text form, 8-4-4-4-12 hexadecimal digits.
[[nodiscard]] std::string to_string(const Uuid& uuid);

}  // namespace sb::pack
