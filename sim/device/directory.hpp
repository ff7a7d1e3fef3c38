// sim/device: a simulated device that lives in a directory:
//   device.json     class, ids, format of the directory
//   layout.toml     its layout, as it was when the device was made
//   keys/*.pub.pem  the keys it trusts
//   NAME.flash      the raw cells of each flash part; NAME.state: what cells cannot say
//   ram.json        what is volatile; absent: the power is off
//   supply.json     not of the device: what its battery gives
//   sender.json     not of the device: how much of which package was ever sent to it
#pragma once

#include <memory>

#include "sim/device/device.hpp"
#include "sim/device/store.hpp"

namespace sb::sim {

class Directory {
public:
    struct Recipe {
        layout::Source layout;
        Identity identity;
        std::string key_name;  ///< file name for the key, without folder
        PublicKey key{};
    };
    /// Errors: usage when `dir` exists and is not an empty directory.
    [[nodiscard]] static pack::Outcome<void> may_create(const std::filesystem::path& dir);
    /// The device of `recipe`, in memory. Errors: bad_input for the layout.
    [[nodiscard]] static pack::Outcome<std::unique_ptr<Device>> build(const Recipe& recipe);
    /// Writes `device`, which build() made of `recipe`, to `dir`. Errors: those of may_create; environment. Leaves
    /// nothing behind after an error.
    [[nodiscard]] static pack::Outcome<void> create(const std::filesystem::path& dir, const Recipe& recipe,
                                                    std::unique_ptr<Device> device);
    /// Errors: environment, bad_input when a file of the directory is not what it should be.
    [[nodiscard]] static pack::Outcome<Directory> open(const std::filesystem::path& dir, Access access);

    [[nodiscard]] Device& device() { return *device_; }
    [[nodiscard]] const std::filesystem::path& path() const { return store_.dir(); }

    /// Bytes of `package`, from its start, that were ever sent to this device.
    [[nodiscard]] std::uint64_t sent_before(Bytes package);
    /// Remembers that `bytes` of it were. Takes effect with save().
    void remember_sent(Bytes package, std::uint64_t bytes);

    /// Writes what may have changed since (flash, RAM), all or nothing. Requires: opened for writing.
    [[nodiscard]] pack::Outcome<void> save();

private:
    Directory(Store store, std::unique_ptr<Device> device) : store_(std::move(store)), device_(std::move(device)) {}

    Store store_;
    std::unique_ptr<Device> device_;
    std::map<std::string, std::vector<std::uint8_t>> other_files_;  // written with the next save, once
};

}  // namespace sb::sim
