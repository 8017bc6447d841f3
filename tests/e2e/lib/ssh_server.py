#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
ssh_server.py - a server of ssh that knows git and nothing else: ssh_server.py ADDRESS PORT FOLDER

It lets everybody in, and runs git-upload-pack and git-receive-pack on the repositories of FOLDER. "READY" is written
to standard output once it listens. It needs Debian's python3-paramiko.
"""
import os
import shlex
import socket
import subprocess
import sys
import threading

import paramiko

PROGRAMS = ("git-upload-pack", "git-receive-pack")


class Door(paramiko.ServerInterface):
    def __init__(self, folder):
        self.folder = folder

    def get_allowed_auths(self, username):
        return "none"

    def check_auth_none(self, username):
        return paramiko.AUTH_SUCCESSFUL

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_env_request(self, channel, name, value):
        return True

    def check_channel_exec_request(self, channel, command):
        words = shlex.split(command.decode())
        if len(words) != 2 or words[0] not in PROGRAMS:
            return False
        path = os.path.join(self.folder, words[1].strip("/"))
        threading.Thread(target=serve, args=(channel, [words[0], path]), daemon=True).start()
        return True


def serve(channel, argv):
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        def feed():
            while data := channel.recv(65536):
                program.stdin.write(data)
                program.stdin.flush()
            program.stdin.close()
        threading.Thread(target=feed, daemon=True).start()
        while data := program.stdout.read1(65536):
            channel.sendall(data)
        channel.send_exit_status(program.wait())
        channel.close()


def main():
    address, port, folder = sys.argv[1:]
    key = paramiko.RSAKey.generate(2048)
    with socket.create_server((address, int(port))) as server:
        print("READY", flush=True)
        while True:
            client, _ = server.accept()
            transport = paramiko.Transport(client)
            transport.add_server_key(key)
            transport.start_server(server=Door(folder), event=threading.Event())


if __name__ == "__main__":
    main()
