// The values that are encoded: those of benches/encode, which writes them to files.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// A key, and what stands before the value of an object's first field and of a later one.
template <std::size_t N> struct Key {
  const char (&name)[N];
  const char (&first)[N + 4];
  const char (&later)[N + 4];
};

// What a struct consists of, in order; `visit` takes a key and a member.
#define FIELD(name) visit(Key<sizeof(#name)>{#name, "{\"" #name "\":", ",\"" #name "\":"}, &Self::name)
#define FIELDS(Type, ...)                                                                                              \
  template <class Visit> static void fields(Visit &&visit) {                                                           \
    using Self = Type;                                                                                                 \
    __VA_ARGS__;                                                                                                       \
  }

template <class T> concept Struct = requires { T::fields([](auto, auto) {}); };

using Strings = std::vector<std::string>;
using Text = std::optional<std::string>;
using Integer = std::uint64_t;

struct User {
  Integer id;
  std::string name, email;
  std::uint32_t age;
  double score;
  bool active;
  FIELDS(User, FIELD(id), FIELD(name), FIELD(email), FIELD(age), FIELD(score), FIELD(active))
};

struct Customer {
  std::string name;
  Text company;
  std::pair<double, double> location;
  FIELDS(Customer, FIELD(name), FIELD(company), FIELD(location))
};

struct Line {
  std::string article;
  std::uint32_t count;
  double price;
  FIELDS(Line, FIELD(article), FIELD(count), FIELD(price))
};

struct Order {
  Integer number;
  Customer customer;
  std::vector<Line> lines;
  Text note;
  std::optional<double> discount;
  std::map<std::string, std::string> tags;
  FIELDS(Order, FIELD(number), FIELD(customer), FIELD(lines), FIELD(note), FIELD(discount), FIELD(tags))
};

namespace twitter {
using Indices = std::pair<std::uint32_t, std::uint32_t>;

struct User {
  Integer id;
  std::string name, screen_name, location, description;
  Integer followers_count, friends_count;
  bool verified;
  Integer statuses_count;
  FIELDS(User, FIELD(id), FIELD(name), FIELD(screen_name), FIELD(location), FIELD(description), FIELD(followers_count),
         FIELD(friends_count), FIELD(verified), FIELD(statuses_count))
};

struct Hashtag {
  std::string text;
  Indices indices;
  FIELDS(Hashtag, FIELD(text), FIELD(indices))
};

struct UserMention {
  Integer id;
  std::string name, screen_name;
  Indices indices;
  FIELDS(UserMention, FIELD(id), FIELD(name), FIELD(screen_name), FIELD(indices))
};

struct Entities {
  std::vector<Hashtag> hashtags;
  std::vector<UserMention> user_mentions;
  FIELDS(Entities, FIELD(hashtags), FIELD(user_mentions))
};

struct Status {
  std::string created_at;
  Integer id;
  std::string text;
  std::optional<Integer> in_reply_to_status_id;
  User user;
  Entities entities;
  Integer retweet_count, favorite_count;
  bool favorited, retweeted;
  FIELDS(Status, FIELD(created_at), FIELD(id), FIELD(text), FIELD(in_reply_to_status_id), FIELD(user), FIELD(entities),
         FIELD(retweet_count), FIELD(favorite_count), FIELD(favorited), FIELD(retweeted))
};

struct SearchResults {
  std::vector<Status> statuses;
  FIELDS(SearchResults, FIELD(statuses))
};
} // namespace twitter

namespace citm {
using Ids = std::vector<Integer>;

struct Event {
  Text description;
  Integer id;
  Text logo;
  std::string name;
  Ids subTopicIds;
  Text subjectCode, subtitle;
  Ids topicIds;
  FIELDS(Event, FIELD(description), FIELD(id), FIELD(logo), FIELD(name), FIELD(subTopicIds), FIELD(subjectCode),
         FIELD(subtitle), FIELD(topicIds))
};

struct Price {
  Integer amount, audienceSubCategoryId, seatCategoryId;
  FIELDS(Price, FIELD(amount), FIELD(audienceSubCategoryId), FIELD(seatCategoryId))
};

struct Area {
  Integer areaId;
  Ids blockIds;
  FIELDS(Area, FIELD(areaId), FIELD(blockIds))
};

struct SeatCategory {
  std::vector<Area> areas;
  Integer seatCategoryId;
  FIELDS(SeatCategory, FIELD(areas), FIELD(seatCategoryId))
};

struct Performance {
  Integer eventId, id;
  Text logo, name;
  std::vector<Price> prices;
  std::vector<SeatCategory> seatCategories;
  Text seatMapImage;
  Integer start;
  std::string venueCode;
  FIELDS(Performance, FIELD(eventId), FIELD(id), FIELD(logo), FIELD(name), FIELD(prices), FIELD(seatCategories),
         FIELD(seatMapImage), FIELD(start), FIELD(venueCode))
};

struct Catalog {
  std::map<std::string, std::string> areaNames;
  std::map<std::string, Event> events;
  std::vector<Performance> performances;
  FIELDS(Catalog, FIELD(areaNames), FIELD(events), FIELD(performances))
};
} // namespace citm

namespace canada {
struct Properties {
  std::string name;
  FIELDS(Properties, FIELD(name))
};

struct Geometry {
  std::string type;
  std::vector<std::vector<std::pair<double, double>>> coordinates;
  FIELDS(Geometry, FIELD(type), FIELD(coordinates))
};

struct Feature {
  std::string type;
  Properties properties;
  Geometry geometry;
  FIELDS(Feature, FIELD(type), FIELD(properties), FIELD(geometry))
};

struct FeatureCollection {
  std::string type;
  std::vector<Feature> features;
  FIELDS(FeatureCollection, FIELD(type), FIELD(features))
};
} // namespace canada
