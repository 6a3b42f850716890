"""WHO: agencies, teams, people, employments, sign-in and permissions; what we told them, and what they did."""
