package main

import "fmt"

// User is one record of a response: that of chunkwire's server/src/users.rs, as a program would hold it that had it
// from a database.
type User struct {
	ID     uint64  `json:"id"`
	Name   string  `json:"name"`
	Email  string  `json:"email"`
	Age    uint8   `json:"age"`
	Score  float64 `json:"score"`
	Active bool    `json:"active"`
}

func userAt(i uint64) User {
	id := i + 1
	first := firstNames[i%32]
	last := lastNames[(7*(i%32)+i/32%32)%32]
	s := (9627 + 6133*(i%9900)) % 9900
	return User{
		ID:     id,
		Name:   first.written + " " + last.written,
		Email:  fmt.Sprintf("%s.%s%d@example.com", first.mail, last.mail, id),
		Age:    uint8(18 + (18+37*(i%63))%63),
		Score:  float64(100*(s/99)+s%99+1) / 100,
		Active: i%3 != 2,
	}
}

// name is a name as written and in its mail form.
type name struct{ written, mail string }

var firstNames = [32]name{
	{"Ada", "ada"},
	{"Alan", "alan"},
	{"Grace", "grace"},
	{"Edsger", "edsger"},
	{"Barbara", "barbara"},
	{"Donald", "donald"},
	{"Margaret", "margaret"},
	{"Dennis", "dennis"},
	{"Radia", "radia"},
	{"Ken", "ken"},
	{"Frances", "frances"},
	{"Linus", "linus"},
	{"Hedy", "hedy"},
	{"Tim", "tim"},
	{"Karen", "karen"},
	{"Claude", "claude"},
	{"Emmy", "emmy"},
	{"Kurt", "kurt"},
	{"Sofia", "sofia"},
	{"José", "jose"},
	{"Zoë", "zoe"},
	{"Niklaus", "niklaus"},
	{"Mary", "mary"},
	{"Vint", "vint"},
	{"Jean", "jean"},
	{"Leslie", "leslie"},
	{"Annie", "annie"},
	{"Yukihiro", "yukihiro"},
	{"Anita", "anita"},
	{"Bjarne", "bjarne"},
	{"Lynn", "lynn"},
	{"Søren", "soren"},
}

var lastNames = [32]name{
	{"Lovelace", "lovelace"},
	{"Turing", "turing"},
	{"Hopper", "hopper"},
	{"Dijkstra", "dijkstra"},
	{"Liskov", "liskov"},
	{"Knuth", "knuth"},
	{"Hamilton", "hamilton"},
	{"Ritchie", "ritchie"},
	{"Perlman", "perlman"},
	{"Thompson", "thompson"},
	{"Allen", "allen"},
	{"Torvalds", "torvalds"},
	{"Lamarr", "lamarr"},
	{"Lee", "lee"},
	{"Jones", "jones"},
	{"Shannon", "shannon"},
	{"Noether", "noether"},
	{"Gödel", "godel"},
	{"Núñez", "nunez"},
	{"Wirth", "wirth"},
	{"Cerf", "cerf"},
	{"Bartik", "bartik"},
	{"Lamport", "lamport"},
	{"Åström", "astrom"},
	{"Matsumoto", "matsumoto"},
	{"Borg", "borg"},
	{"Conway", "conway"},
	{"Łoś", "los"},
	{"Erdős", "erdos"},
	{"Rossi", "rossi"},
	{"Kim", "kim"},
	{"Müller", "muller"},
}
