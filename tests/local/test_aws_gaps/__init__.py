"""The local AWS answers as AWS does where ministack alone would not; one real server for all of these tests."""
