package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

// bufferSize is the size of a chunk of chunkwire.
const bufferSize = 16 * 1024

func stream(address string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/users", streamUsers)
	return http.ListenAndServe(address, mux)
}

// streamUsers encodes one user after the other and never has the array.
func streamUsers(w http.ResponseWriter, r *http.Request) {
	limit := uint64(defaultLimit)
	if given := r.URL.Query().Get("limit"); given != "" {
		var err error
		if limit, err = strconv.ParseUint(given, 10, 64); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	out := bufio.NewWriterSize(w, bufferSize)
	encoder := json.NewEncoder(withoutNewline{out})
	out.WriteByte('[')
	for i := range limit {
		if i > 0 {
			out.WriteByte(',')
		}
		// The client is gone: there is nobody to tell.
		if err := encoder.Encode(userAt(i)); err != nil {
			return
		}
	}
	out.WriteByte(']')
	out.Flush()
}

// withoutNewline leaves out the newline that an Encoder puts after each value, so that the bytes are those of the other
// contenders. An Encoder writes a value and its newline at once.
type withoutNewline struct{ out io.Writer }

func (w withoutNewline) Write(value []byte) (int, error) {
	if _, err := w.out.Write(bytes.TrimSuffix(value, []byte("\n"))); err != nil {
		return 0, err
	}
	return len(value), nil
}
