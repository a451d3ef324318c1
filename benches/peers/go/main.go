// The contenders in Go: the three steps of the write-up that chunkwire starts from, on Fiber, and net/http with a
// streaming json.Encoder, which is what a Go developer would try next; and net/http with rows of PostgreSQL by pgx.
//
// The environment's PORT is the port to listen on, on this machine only.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
)

// defaultLimit is the number of users of a response where the request does not say.
const defaultLimit = 1000

func main() {
	step := flag.String("step", "", "what to serve: array, slice, semaphore, stream or postgres")
	flag.Parse()

	address := "127.0.0.1:" + os.Getenv("PORT")
	serve, known := map[string]func(string) error{
		"array":     fiberWith(array),
		"slice":     fiberWith(slice),
		"semaphore": fiberWith(limited(slice)),
		"stream":    stream,
		"postgres":  postgres,
	}[*step]
	if !known {
		fmt.Fprintf(os.Stderr, "-step was %q; allowed is array, slice, semaphore, stream or postgres\n", *step)
		os.Exit(2)
	}
	log.Fatal(serve(address))
}
