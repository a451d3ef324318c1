package main

import (
	"runtime"

	"github.com/gofiber/fiber/v2"
)

func fiberWith(users fiber.Handler) func(string) error {
	return func(address string) error {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.Get("/api/v1/users", users)
		return app.Listen(address)
	}
}

// array is the write-up's first step: an array by value, which is on the stack of the handler's goroutine first and on
// the heap, as a copy, once it is an interface. Its length is a constant, so that it can't follow the request's limit.
func array(c *fiber.Ctx) error {
	var users [defaultLimit]User
	for i := range users {
		users[i] = userAt(uint64(i))
	}
	return c.JSON(users)
}

// slice is the write-up's second step: only the slice's header is copied.
func slice(c *fiber.Ctx) error {
	limit := uint64(c.QueryInt("limit", defaultLimit))
	users := make([]User, 0, limit)
	for i := range limit {
		users = append(users, userAt(i))
	}
	return c.JSON(users)
}

// limited is the write-up's third step: no more handlers at a time than there are cores.
func limited(next fiber.Handler) fiber.Handler {
	semaphore := make(chan struct{}, runtime.NumCPU())
	return func(c *fiber.Ctx) error {
		semaphore <- struct{}{}
		defer func() { <-semaphore }()
		return next(c)
	}
}
