// sim/device: the directory of a simulated device: read and written as a whole. Several files change together: they
// are written to one side, flushed, and committed by one rename; what a killed program left is finished or forgotten
// by the next one. A lock keeps two programs apart.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "tools/pack/problem.hpp"

namespace sb::sim {

/// fresh: to write the first files of a new device.
enum class Access : std::uint8_t { read, write, fresh };

class Store {
public:
    /// Locks the directory, which must exist. Errors: environment (busy, cannot be opened); bad_input when it holds no
    /// device and none is to be made.
    [[nodiscard]] static pack::Outcome<Store> open(const std::filesystem::path& dir, Access access);
    Store(Store&& other) noexcept;
    Store& operator=(Store&&) = delete;
    ~Store();

    [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
    /// The bytes of a file of the directory; nothing when there is none. Errors: environment.
    [[nodiscard]] pack::Outcome<std::optional<std::vector<std::uint8_t>>> read(const std::string& name) const;
    /// Names of the files in `sub` (a folder in the directory), sorted.
    [[nodiscard]] std::vector<std::string> list(const std::string& sub) const;

    /// Replaces all `files` (by name) together and removes those of `gone`. Errors: environment; nothing changed then.
    [[nodiscard]] pack::Outcome<void> replace(const std::map<std::string, std::vector<std::uint8_t>>& files,
                                              const std::vector<std::string>& gone);

private:
    Store(std::filesystem::path dir, int lock) : dir_(std::move(dir)), lock_(lock) {}
    [[nodiscard]] pack::Outcome<void> finish_commit();
    [[nodiscard]] pack::Outcome<void> recover();

    std::filesystem::path dir_;
    int lock_ = -1;
};

}  // namespace sb::sim
