#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
model.py - a model that does what a script says, for real agents that need one:
model.py PORT SCRIPT LOG [ADDRESS CERTIFICATE KEY]

It runs inside the sandbox, on its loopback, or at the address, by TLS. It speaks the forms that agents ask in:
Anthropic's messages, OpenAI's responses and chat completions, Gemini's generateContent; streamed if it is asked to.
SCRIPT is a JSON list of turns, each {"text": ...} or {"tool": NAME, "input": {...}}. Which turn is due follows from
the request alone, by the number of tool results since the user's last words: nothing is remembered, so a request that
an agent repeats has the same answer. Behind the last turn, and where no tools are offered, it says "done". LOG gets a
line of JSON for each request: its path, the headers that carry credentials, and the user's texts. "READY" is written
to standard output once it listens.

Forms: platform.claude.com/docs/en/api/messages-streaming, ai.google.dev/api/generate-content,
platform.openai.com/docs/api-reference/responses-streaming and .../chat-streaming.
"""
import http.server
import json
import socketserver
import ssl
import sys

DONE = {"text": "done"}
CREDENTIALS = ("authorization", "x-api-key", "x-goog-api-key", "api-key")


def texts_of(content):
    if isinstance(content, str):
        return [content]
    return [part["text"] for part in content or [] if isinstance(part, dict) and isinstance(part.get("text"), str)]


class Form:
    """What a request says, whatever its form: user's texts, results since the last of them, whether it has tools."""

    def __init__(self, body):
        self.body, self.texts, self.results = body, [], 0
        self.tools = bool(body.get("tools"))
        self.model = body.get("model", "model")
        self.read()

    def user(self, texts):
        if texts:
            self.texts += texts
            self.results = 0

    def turn(self, script):
        return script[self.results] if self.tools and self.results < len(script) else DONE


class Messages(Form):
    def read(self):
        for message in self.body.get("messages", []):
            parts = message["content"] if isinstance(message["content"], list) else []
            results = sum(part.get("type") == "tool_result" for part in parts)
            self.results += results
            if message["role"] == "user" and not results:
                self.user(texts_of(message["content"]))

    def answer(self, turn, number):
        if "tool" in turn:
            block = {"type": "tool_use", "id": f"toolu_{number}", "name": turn["tool"], "input": turn["input"]}
        else:
            block = {"type": "text", "text": turn["text"]}
        return {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": self.model, "content": [block],
                "stop_reason": "tool_use" if "tool" in turn else "end_turn", "stop_sequence": None,
                "usage": {"input_tokens": 1, "output_tokens": 1}}

    def stream(self, whole):
        block = whole["content"][0]
        if block["type"] == "tool_use":
            empty, delta = {"input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        else:
            empty, delta = {"text": ""}, {"type": "text_delta", "text": block["text"]}
        yield {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}}
        yield {"type": "content_block_start", "index": 0, "content_block": {**block, **empty}}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
        yield {"type": "content_block_stop", "index": 0}
        yield {"type": "message_delta", "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": None},
               "usage": {"output_tokens": 1}}
        yield {"type": "message_stop"}


class Responses(Form):
    def read(self):
        for item in self.body.get("input", []):
            self.results += item.get("type", "").endswith("call_output")
            if item.get("role") == "user":
                self.user(texts_of(item.get("content")))

    def answer(self, turn, number):
        if "tool" in turn:
            item = {"type": "function_call", "id": f"fc_{number}", "call_id": f"call_{number}", "name": turn["tool"],
                    "arguments": json.dumps(turn["input"]), "status": "completed"}
        else:
            item = {"type": "message", "id": f"msg_{number}", "role": "assistant", "status": "completed",
                    "content": [{"type": "output_text", "text": turn["text"], "annotations": []}]}
        return {"id": f"resp_{number}", "object": "response", "status": "completed", "model": self.model,
                "output": [item],
                "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}

    def stream(self, whole):
        yield {"type": "response.created", "response": {**whole, "status": "in_progress", "output": []}}
        yield {"type": "response.output_item.added", "output_index": 0, "item": whole["output"][0]}
        yield {"type": "response.output_item.done", "output_index": 0, "item": whole["output"][0]}
        yield {"type": "response.completed", "response": whole}


class Completions(Form):
    def read(self):
        for message in self.body.get("messages", []):
            self.results += message["role"] == "tool"
            if message["role"] == "user":
                self.user(texts_of(message["content"]))

    def turn(self, script):
        """Aider has no tools: it reads the change out of the text."""
        return script[0] if not self.tools and script and "text" in script[0] else super().turn(script)

    def answer(self, turn, number):
        message = {"role": "assistant", "content": turn.get("text")}
        if "tool" in turn:
            message["tool_calls"] = [{"index": 0, "id": f"call_{number}", "type": "function",
                                      "function": {"name": turn["tool"], "arguments": json.dumps(turn["input"])}}]
        reason = "tool_calls" if "tool" in turn else "stop"
        return {"id": f"chat_{number}", "object": "chat.completion", "created": 0, "model": self.model,
                "choices": [{"index": 0, "message": message, "finish_reason": reason}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}

    def stream(self, whole):
        choice = whole["choices"][0]
        chunk = {**whole, "object": "chat.completion.chunk"}
        yield {**chunk, "choices": [{"index": 0, "delta": choice["message"], "finish_reason": None}], "usage": None}
        yield {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]}
        yield None


class Contents(Form):
    def read(self):
        for content in self.body.get("contents", []):
            results = sum("functionResponse" in part for part in content["parts"])
            self.results += results
            if content.get("role") == "user" and not results:
                self.user(texts_of(content["parts"]))

    def answer(self, turn, number):
        part = {"text": turn.get("text")}
        if "tool" in turn:
            part = {"functionCall": {"name": turn["tool"], "args": turn["input"]}}
        return {"candidates": [{"index": 0, "content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}],
                "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}}

    def stream(self, whole):
        yield whole


FORMS = (("/messages", Messages), ("/responses", Responses), ("/completions", Completions),
         ("enerateContent", Contents))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, kind, data):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def note(self, texts):
        given = {name: self.headers[name] for name in CREDENTIALS if self.headers[name]}
        with open(sys.argv[3], "a", encoding="utf-8") as log:
            log.write(json.dumps({"path": self.path, "credentials": given, "texts": texts}) + "\n")

    def do_GET(self):
        self.note([])
        self.send("application/json", b'{"data": [], "models": []}')

    do_HEAD = do_GET

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        kind = next((form for end, form in FORMS if path.endswith(end)), None)
        form = kind(json.loads(raw)) if kind else None
        self.note(form.texts if form else [])
        if not form:
            # What is counted or measured on the side.
            return self.send("application/json", b'{"input_tokens": 1, "totalTokens": 1}')
        whole = form.answer(form.turn(self.server.script), len(form.texts) * 100 + form.results)
        if not form.body.get("stream") and "stream" not in path:
            return self.send("application/json", json.dumps(whole).encode())
        lines = []
        for event in form.stream(whole):
            if event and "type" in event:
                lines.append(f"event: {event['type']}\n")
            lines.append(f"data: {json.dumps(event) if event else '[DONE]'}\n\n")
        return self.send("text/event-stream", "".join(lines).encode())


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def main():
    port, script, _, address, *pair = [*sys.argv[1:], *["127.0.0.1"][len(sys.argv) - 4:]]
    with Server((address, int(port)), Handler) as server:
        if pair:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*pair)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        with open(script, encoding="utf-8") as file:
            server.script = json.load(file)
        print("READY", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
