// What each contender is: for values, a function that encodes them into memory of its own, which it uses again.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "documents.hpp"

// Calls `with` for each type of values.
#define EACH_TYPE(with)                                                                                                \
  with(User) with(Order) with(std::string) with(std::int64_t) with(double) with(twitter::SearchResults)                \
      with(citm::Catalog) with(canada::FeatureCollection)

using Encode = std::function<std::string_view()>;

#define DECLARE(Type)                                                                                                  \
  Encode by_rapidjson(const std::vector<Type> &values);                                                                \
  Encode by_simdjson(const std::vector<Type> &values);
EACH_TYPE(DECLARE)
#undef DECLARE

// yyjson knows no types: it encodes the document that it reads.
Encode by_yyjson(std::string_view json);
