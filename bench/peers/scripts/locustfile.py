"""Locust users, each one stream at a time, read to its end. PATH_ASKED is the path."""
import os

from locust import FastHttpUser, task

PATH_ASKED = os.environ["PATH_ASKED"]


class Reader(FastHttpUser):
    network_timeout = 120.0
    connection_timeout = 120.0

    @task
    def stream(self):
        # stream=True: the time that Locust books then ends with the head, not with the whole body.
        response = self.client.get(PATH_ASKED, stream=True)
        for _ in response.iter_content(4096, decode_content=False):
            pass
