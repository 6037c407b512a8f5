// Fiber, streaming the answers of ../workload.md.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
)

type workload struct {
	TtfbMs      float64    `json:"ttfbMs"`
	GapMs       [2]float64 `json:"gapMs"`
	ChunksMean  float64    `json:"chunksMean"`
	ChunksSigma float64    `json:"chunksSigma"`
	Words       []string   `json:"words"`
	events      [][]byte
}

const expected = "chunks_mean is a number from 1 to 1e6, ttfb_ms one from 0 to 1e6\n"

var started, finished atomic.Int64

func main() {
	host := flag.String("host", "127.0.0.1", "address to listen on")
	port := flag.Int("port", 8002, "port to listen on")
	file := flag.String("workload", "", "path of workload.json")
	flag.Parse()
	w, err := read(*file)
	if err != nil {
		log.Fatal(err)
	}

	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/count", func(c *fiber.Ctx) error {
		return c.JSON(fiber.Map{"started": started.Load(), "finished": finished.Load()})
	})
	app.Get("/*", w.answer)
	app.Post("/*", w.answer)

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		// Streams that are still open after it end with the process.
		_ = app.ShutdownWithTimeout(3 * time.Second)
		os.Exit(0)
	}()

	address := net.JoinHostPort(*host, strconv.Itoa(*port))
	log.Printf("Fiber listens on http://%s/", address)
	if err := app.Listen(address); err != nil {
		log.Fatal(err)
	}
	// Listen returns when the shutdown begins.
	select {}
}

// read returns the workload of a file, with what the environment changes of it.
func read(file string) (*workload, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	w := &workload{}
	if err := json.Unmarshal(text, w); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, line := range w.Words {
		for _, word := range strings.Split(line, " ") {
			w.events = append(w.events, []byte("data: "+word+"\n\n"))
		}
	}
	if w.ChunksMean, err = number(os.Getenv("SOAK_CHUNKS_MEAN"), w.ChunksMean); err != nil {
		return nil, fmt.Errorf("SOAK_CHUNKS_MEAN: %w", err)
	}
	if w.TtfbMs, err = number(os.Getenv("SOAK_TTFB_MS"), w.TtfbMs); err != nil {
		return nil, fmt.Errorf("SOAK_TTFB_MS: %w", err)
	}
	return w, nil
}

func number(text string, otherwise float64) (float64, error) {
	if text == "" {
		return otherwise, nil
	}
	return strconv.ParseFloat(text, 64)
}

func (w *workload) answer(c *fiber.Ctx) error {
	mean, errMean := number(c.Query("chunks_mean"), w.ChunksMean)
	ttfbMs, errTtfb := number(c.Query("ttfb_ms"), w.TtfbMs)
	if errMean != nil || errTtfb != nil || !(mean >= 1 && mean <= 1e6 && ttfbMs >= 0 && ttfbMs <= 1e6) {
		return c.Status(fiber.StatusBadRequest).SendString(expected)
	}
	started.Add(1)
	sigma := w.ChunksSigma
	chunks := int(math.Max(1, math.Round(math.Exp(math.Log(mean)-sigma*sigma/2+sigma*rand.NormFloat64()))))
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set(fiber.HeaderCacheControl, "no-store")
	// Otherwise the headers wait for the first chunk.
	c.Context().Response.ImmediateHeaderFlush = true
	c.Context().SetBodyStreamWriter(func(to *bufio.Writer) {
		time.Sleep(milliseconds(ttfbMs))
		for i := 0; i < chunks; i++ {
			if i > 0 {
				time.Sleep(milliseconds(w.GapMs[0] + rand.Float64()*(w.GapMs[1]-w.GapMs[0])))
			}
			if !send(to, w.events[rand.Intn(len(w.events))]) {
				return
			}
		}
		if send(to, []byte("data: [DONE]\n\n")) {
			finished.Add(1)
		}
	})
	return nil
}

// send returns false once the client has gone.
func send(to *bufio.Writer, event []byte) bool {
	if _, err := to.Write(event); err != nil {
		return false
	}
	return to.Flush() == nil
}

func milliseconds(ms float64) time.Duration {
	return time.Duration(ms * float64(time.Millisecond))
}
