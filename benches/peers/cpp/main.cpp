// The encoder's contenders in C++.
//
//   encoders FOLDER MILLISECONDS NAME...
//
// Reads NAME.json of each input from the folder, and prints a line for each contender that encodes it: the input, the
// contender, and the nanoseconds of its fastest run. The contenders of an input take turns for as long as is said, each
// into memory of its own that it uses again.
#include <chrono>
#include <fstream>
#include <iostream>
#include <limits>
#include <sstream>
#include <stdexcept>

#include <rapidjson/document.h>

#include "peers.hpp"

namespace {
using Value = rapidjson::Value;
using Clock = std::chrono::steady_clock;

void read(const Value &json, bool &value) { value = json.GetBool(); }
void read(const Value &json, std::uint32_t &value) { value = json.GetUint(); }
void read(const Value &json, std::uint64_t &value) { value = json.GetUint64(); }
void read(const Value &json, std::int64_t &value) { value = json.GetInt64(); }
void read(const Value &json, double &value) { value = json.GetDouble(); }
void read(const Value &json, std::string &value) { value.assign(json.GetString(), json.GetStringLength()); }
template <class T> void read(const Value &json, std::optional<T> &value);
template <class A, class B> void read(const Value &json, std::pair<A, B> &value);
template <class T> void read(const Value &json, std::vector<T> &values);
template <class T> void read(const Value &json, std::map<std::string, T> &values);

template <Struct T> void read(const Value &json, T &value) {
  T::fields([&](auto key, auto member) { read(json[key.name], value.*member); });
}

template <class T> void read(const Value &json, std::optional<T> &value) {
  if (!json.IsNull()) {
    read(json, value.emplace());
  }
}

template <class A, class B> void read(const Value &json, std::pair<A, B> &value) {
  read(json[0], value.first);
  read(json[1], value.second);
}

template <class T> void read(const Value &json, std::vector<T> &values) {
  for (const auto &element : json.GetArray()) {
    read(element, values.emplace_back());
  }
}

template <class T> void read(const Value &json, std::map<std::string, T> &values) {
  for (const auto &[key, value] : json.GetObject()) {
    read(value, values[key.GetString()]);
  }
}

rapidjson::Document parse(std::string_view text) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseFullPrecisionFlag>(text.data(), text.size());
  if (json.HasParseError()) {
    throw std::runtime_error("no JSON: " + std::string(text.substr(0, 80)));
  }
  return json;
}

struct Contender {
  const char *name;
  Encode encode;
  std::int64_t fastest = std::numeric_limits<std::int64_t>::max();
};

template <class T> void compare(const std::string &folder, const std::string &name, std::chrono::milliseconds duration) {
  std::ifstream file(folder + "/" + name + ".json");
  if (!file) {
    throw std::runtime_error("there is no " + folder + "/" + name + ".json");
  }
  const std::string text = (std::ostringstream() << file.rdbuf()).str();
  const rapidjson::Document json = parse(text);
  std::vector<T> values;
  read(json, values);

  std::vector<Contender> contenders{{"rapidjson", by_rapidjson(values)}};
#if defined(HAS_SIMDJSON)
  contenders.push_back({"simdjson", by_simdjson(values)});
#endif
#if defined(HAS_YYJSON)
  contenders.push_back({"yyjson", by_yyjson(text)});
#endif
  for (const auto &contender : contenders) {
    if (parse(contender.encode()) != json) {
      throw std::runtime_error(std::string(contender.name) + " writes something else for " + name);
    }
  }
  for (const auto end = Clock::now() + duration; Clock::now() < end;) {
    for (auto &contender : contenders) {
      const auto start = Clock::now();
      contender.encode();
      contender.fastest = std::min(contender.fastest, std::int64_t((Clock::now() - start) / std::chrono::nanoseconds(1)));
    }
  }
  for (const auto &contender : contenders) {
    std::cout << name << ' ' << contender.name << ' ' << contender.fastest << '\n';
  }
}
} // namespace

int main(int count, char **arguments) {
  if (count < 4) {
    std::cerr << "usage: encoders FOLDER MILLISECONDS NAME...\n";
    return 2;
  }
  using Compare = void (*)(const std::string &, const std::string &, std::chrono::milliseconds);
  const std::map<std::string, Compare> inputs{
      {"users", compare<User>},
      {"derived", compare<User>},
      {"nested", compare<Order>},
      {"twitter", compare<twitter::SearchResults>},
      {"citm_catalog", compare<citm::Catalog>},
      {"canada", compare<canada::FeatureCollection>},
      {"ascii", compare<std::string>},
      {"escapes", compare<std::string>},
      {"cjk", compare<std::string>},
      {"integers", compare<std::int64_t>},
      {"prices", compare<double>},
      {"coordinates", compare<double>},
      {"random", compare<double>},
  };
  try {
    const std::chrono::milliseconds duration(std::stoul(arguments[2]));
    for (int index = 3; index < count; ++index) {
      inputs.at(arguments[index])(arguments[1], arguments[index], duration);
    }
  } catch (const std::exception &error) {
    std::cerr << "encoders: " << error.what() << '\n';
    return 1;
  }
}
