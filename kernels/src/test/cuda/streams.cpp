/* Streams and events of the software driver. */
#include "driver.h"

#include <algorithm>
#include <chrono>

static Stream null_stream;
static std::vector<Stream*> streams;

struct Event {
  double milliseconds = -1;
  Stream* stream = nullptr;
  bool pending = false;
};

static double now() {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(since).count();
}

static Stream* named(Stream* stream) { return stream ? stream : &null_stream; }

int post(Stream* stream, std::function<int()> work) {
  named(stream)->waiting.push_back(std::move(work));
  return OK;
}

int drain(Stream* given) {
  Stream* stream = named(given);
  while (!stream->waiting.empty()) {
    auto work = std::move(stream->waiting.front());
    stream->waiting.pop_front();
    int error = work();
    if (error) {
      if (context) context->error = error;
      stream->waiting.clear();
      return error;
    }
  }
  return slack_error();
}

int drain_all(bool non_blocking_too) {
  int error = drain(&null_stream);
  for (Stream* stream : streams) {
    if (stream->non_blocking && !non_blocking_too) continue;
    int one = drain(stream);
    error = error ? error : one;
  }
  return error;
}

API cuStreamCreate(Stream** stream, unsigned flags) {
  NEEDS_CONTEXT;
  *stream = new Stream;
  (*stream)->non_blocking = flags & 1;
  streams.push_back(*stream);
  return OK;
}
API cuStreamDestroy_v2(Stream* stream) {
  LOCKED;
  if (context && !context->error) drain(stream);
  streams.erase(std::remove(streams.begin(), streams.end(), stream), streams.end());
  delete stream;
  return OK;
}
API cuStreamSynchronize(Stream* stream) {
  NEEDS_CONTEXT;
  return stream ? drain(stream) : drain_all(false);
}
API cuCtxSynchronize() {
  NEEDS_CONTEXT;
  return drain_all(true);
}

API cuEventCreate(Event** event, unsigned) {
  NEEDS_CONTEXT;
  *event = new Event;
  return OK;
}
API cuEventDestroy_v2(Event* event) {
  LOCKED;
  if (event->pending) drain(event->stream);
  delete event;
  return OK;
}
API cuEventRecord(Event* event, Stream* stream) {
  NEEDS_CONTEXT;
  event->stream = named(stream);
  event->pending = true;
  return post(stream, [=] {
    event->milliseconds = now();
    event->pending = false;
    return (int)OK;
  });
}
API cuEventSynchronize(Event* event) {
  NEEDS_CONTEXT;
  return event->pending ? drain(event->stream) : (int)OK;
}
API cuEventElapsedTime(float* milliseconds, Event* from, Event* to) {
  NEEDS_CONTEXT;
  if (from->pending || to->pending) return NOT_READY;
  if (from->milliseconds < 0 || to->milliseconds < 0) return INVALID_HANDLE;
  *milliseconds = to->milliseconds - from->milliseconds;
  return OK;
}
